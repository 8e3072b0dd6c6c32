/**
 * What no honest peer does. Loss, delay and late answers are none of it: they happen to everyone. A message is one offence
 * at most. An update that is rejected weighs next to nothing, for who passes on what it accepted does it, too.
 */

import type { Address } from './peer.ts'

/** How a peer can misbehave. */
export const OFFENCES = [
  /** It sent bytes that are no message. */
  'malformed',
  /** It sent a content that nobody here had asked for, so also one that does not match the digest it was asked for. */
  'unasked-content',
  /** It sent an update that `validate` rejects. */
  'rejected-update'
] as const

/** One of `OFFENCES`. */
export type OffenceReason = (typeof OFFENCES)[number]

/** `peer` did what no honest peer does. */
export interface Offence {
  readonly kind: 'offence'
  readonly peer: Address
  readonly reason: OffenceReason
}

/** An offence was counted. */
export interface Misbehaved {
  readonly kind: 'misbehaved'
  readonly peer: Address
  readonly reason: OffenceReason
  /** Milliseconds for which the peer is ignored from now on; 0 while its strikes are too few. Told once for each time. */
  readonly ignoredMs: number
  /** Where its address is only claimed: the connection that is closed for it, and nothing more, once strikes are too many. */
  readonly connection?: string
}
