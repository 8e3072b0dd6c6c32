/** Drops: items that a node gives up without throwing. Each drop is reported to the observer and counted. */

import type { Address } from './peer.ts'
import type { DigestKey } from './update.ts'

/** Why something was dropped. */
export const DROP_REASONS = [
  /** A response that this node had not requested, or that came too late. */
  'unsolicited',
  /** An update that was requested and not sent in time, with no other peer to ask. A later offer requests it again. */
  'not-delivered',
  /** A digest not requested now, because too many requests are open, in all or to its peer. A later round offers it again. */
  'request-limit',
  /** An update not fetched or not stored, because the store is full. */
  'store-full',
  /** An update not fetched now, because the handler's queue is full. A later round offers it again. */
  'handler-queue-full',
  /** A content that is empty, or damaged on its way. */
  'malformed-content',
  /** A content larger than this node's own limit. It is not requested again for an hour. */
  'content-too-large',
  /** A content that has expired, by the age that its peer gives. It is still accepted from peers that give another age. */
  'content-expired',
  /** An update that `validate` cannot judge yet. It is requested again at growing intervals. */
  'postponed',
  /**
   * An update that could not be accepted when it was offered, and is no longer offered, or was tried too often. Reported
   * once.
   */
  'lost',
  /** An update that `validate` ignored. */
  'validator-ignored',
  /** An update that `validate` rejected. */
  'validator-rejected',
  /**
   * A digest not requested now, because its peer has answered without what it had offered, and too many requests to it are
   * open.
   */
  'peer-distrusted',
  /** An unread message from a peer that is banned for violations, or an unsent message to it. */
  'peer-banned',
  /** An unread message from a peer that `authorize` denies, or an unsent message to it. */
  'peer-unauthorized',
  /** View entries above the limit of one message. */
  'view-truncated',
  /** A message of a version or kind that this node does not support, as from a newer node. */
  'unknown-message',
  /** A message not sent, because too many to that peer are in flight. */
  'send-queue-full',
  /**
   * An own update that no peer is known to have processed: when this node stopped, or when the update expired before any
   * peer was known.
   */
  'unacknowledged',
  /**
   * A message that arrived when the node was not running, or an update that still waited for the handler when it stopped. Not
   * an update that is in storage: the handler gets it after the restart.
   */
  'not-running'
] as const

/** One of `DROP_REASONS`. */
export type DropReason = (typeof DROP_REASONS)[number]

/** `count` items were dropped; `peer` caused it, if known. */
export interface Drop {
  readonly kind: 'dropped'
  readonly reason: DropReason
  readonly count: number
  readonly peer?: Address
  /** The updates, unless there are too many. */
  readonly keys?: readonly DigestKey[]
}

/** Reasons that pass by themselves: the update may be accepted later, though neither node's set changes. */
const PASSING_REASONS: ReadonlySet<DropReason> = new Set([
  'handler-queue-full',
  'request-limit',
  'peer-distrusted'
])

/** Returns one drop for each reason, with `peer` as its cause. */
export function drops(peer: Address, counts: ReadonlyMap<DropReason, number>): Drop[] {
  return [...counts].map(([reason, count]) => ({ kind: 'dropped', reason, count, peer }))
}

/** Adds `by` to the count of `reason`. */
export function countDrop(
  counts: Map<DropReason, number>,
  reason: DropReason,
  by: number = 1
): void {
  if (by > 0) counts.set(reason, (counts.get(reason) ?? 0) + by)
}

/** Returns how many updates were dropped for reasons that do not pass, and whether one of these is a full store. */
export function lastingDrops(effects: readonly { readonly kind: string }[]): {
  lasting: number
  isFull: boolean
} {
  let lasting = 0
  let isFull = false
  for (const { reason, count } of effects.filter(isDrop)) {
    if (PASSING_REASONS.has(reason)) continue
    lasting += count
    isFull ||= reason === 'store-full'
  }
  return { lasting, isFull }
}

/** Returns the drop of a response that this node had not requested, or that came too late. */
export function unsolicited(peer: Address, count = 1): Drop {
  return { kind: 'dropped', reason: 'unsolicited', count, peer }
}

function isDrop(effect: { readonly kind: string }): effect is Drop {
  return effect.kind === 'dropped'
}
