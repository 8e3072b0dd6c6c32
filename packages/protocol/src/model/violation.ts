/**
 * Protocol violations by peers. Loss, delay and late answers are none: they happen to every peer. A message counts as one
 * violation at most.
 */

import type { Address } from './peer.ts'

/** The kinds of violations. */
export const VIOLATIONS = [
  /** The peer sent bytes that are not a message, or pushed contents that do not match their check. */
  'malformed',
  /** The peer sent a content that this node had not requested, or one that does not match its digest. */
  'unsolicited-content',
  /** The peer sent an update that `validate` rejects. It may only have passed it on, so this counts for little. */
  'rejected-update'
] as const

/** One of `VIOLATIONS`. */
export type ViolationReason = (typeof VIOLATIONS)[number]

/** A violation by `peer`, before it is counted. */
export interface Violation {
  readonly kind: 'violation'
  readonly peer: Address
  readonly reason: ViolationReason
}

/** A violation that was counted. */
export interface ViolationEvent extends Violation {
  /** Milliseconds for which the peer is banned from now on; 0 while it has too few violations. */
  readonly bannedMs: number
  /**
   * Set where the peer's address is only claimed and its violations are too many: the connection that is closed. Nobody is
   * banned then.
   */
  readonly connection?: string
}

export function unsolicitedContent(peer: Address): Violation {
  return { kind: 'violation', peer, reason: 'unsolicited-content' }
}

/** Keeps only the first violation: a message counts as one, however many of its contents were unsolicited. */
export function oneViolation<Effect extends { readonly kind: string }>(
  effects: readonly Effect[]
): readonly Effect[] {
  const first = effects.find(({ kind }) => kind === 'violation')
  if (first === undefined) return effects
  return effects.filter((each) => each.kind !== 'violation' || each === first)
}
