/** What a node gives up without an error to anyone: told to the observer and counted, never silent. */

import type { Address } from './peer.ts'
import type { Digest } from './update.ts'

/** Why something was given up. */
export const DROP_REASONS = [
  /** A response that nobody here asked for, or too late. */
  'unasked',
  /** A content that was advertised and asked for, but not sent in time, with no other peer to ask. A later offer asks again. */
  'not-served',
  /** A digest not asked for now, because enough is wanted, in all or of its peer; a later round offers it again. */
  'requests-full',
  /** An update not fetched or not kept, because the store holds all it may. */
  'store-full',
  /** An update not fetched now, because the handler's queue is full; a later round offers it again. */
  'handler-busy',
  /** A content that is empty, or damaged on its way. */
  'invalid-content',
  /** A content beyond this node's own limit. It is not asked for again for an hour. */
  'content-too-large',
  /** A content that has expired, by the age that its peer gives. It is taken from others that say otherwise. */
  'too-old',
  /** A content that `validate` could not judge yet. It is asked for again at growing intervals. */
  'postponed',
  /** An update that could not be taken when it was offered, and is offered no more, or was tried too often. Told once. */
  'lost',
  /** An update that `validate` ignored or rejected. */
  'not-valid',
  /** A digest not asked for now: its peer has lately answered without what it had offered, and enough is wanted of it. */
  'distrusted',
  /** A message of a peer that is ignored because it misbehaved, unread; or of one that `authorize` turns away. Or one for it, not sent. */
  'ignored',
  'unauthorized',
  /** View entries beyond what one message may bring. */
  'view-too-long',
  /** A message of a version or kind that is not known here, as of a peer that is newer. */
  'unknown-message',
  /** A message not sent, because too many to that peer are in flight. */
  'peer-busy',
  /** An update of this node itself that no peer was known to have processed when it stopped, or that expired before one was heard. */
  'unacknowledged',
  /**
   * A message that arrived, or an update that still waited for the handler, when the node was not running. Not an update
   * that the archive has: that is handed over after the restart.
   */
  'not-running'
] as const

/** One of `DROP_REASONS`. */
export type DropReason = (typeof DROP_REASONS)[number]

/** `count` things were given up, on account of `peer` if one is to name. */
export interface Drop {
  readonly kind: 'drop'
  readonly reason: DropReason
  readonly count: number
  readonly peer?: Address
  /** Of the updates, where they are few enough to name. */
  readonly digests?: readonly Digest[]
}
