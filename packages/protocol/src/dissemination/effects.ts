/** The effects of calls to the disseminator, and helpers that count drops and violations among them. */

import type { Drop, DropReason } from '../drop.ts'
import type { Send } from '../message.ts'
import type { Address } from '../peer.ts'
import type { Deliver, DigestKey } from '../update.ts'
import type { Validate } from '../verdict.ts'
import type { Violation } from '../violation.ts'

/** Reasons that pass by themselves: the update may be accepted later, though neither node's set changes. */
const PASSING_REASONS: ReadonlySet<DropReason> = new Set([
  'handler-queue-full',
  'request-limit',
  'peer-distrusted'
])

export type DisseminationEffect = Send | Drop | Deliver | Validate | Violation

/** What became of pushed contents. */
export interface PushResult {
  readonly effects: DisseminationEffect[]
  /** Digests of the contents that were new. */
  readonly taken: DigestKey[]
  /** Digests of the contents that this node had already. */
  readonly duplicates: DigestKey[]
  /** Digests of the contents that this node cannot take now, for reasons of its own. */
  readonly refused: DigestKey[]
}

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
export function lastingDrops(effects: readonly DisseminationEffect[]): {
  lasting: number
  isFull: boolean
} {
  let lasting = 0
  let isFull = false
  for (const effect of effects) {
    if (effect.kind !== 'dropped' || PASSING_REASONS.has(effect.reason)) continue
    lasting += effect.count
    isFull ||= effect.reason === 'store-full'
  }
  return { lasting, isFull }
}

/** Returns the drop of a response that this node had not requested, or that came too late. */
export function unsolicited(peer: Address, count = 1): Drop {
  return { kind: 'dropped', reason: 'unsolicited', count, peer }
}

export function unsolicitedContent(peer: Address): Violation {
  return { kind: 'violation', peer, reason: 'unsolicited-content' }
}

/** Keeps only the first violation: a message counts as one, however many of its contents were unsolicited. */
export function oneViolation(
  effects: readonly DisseminationEffect[]
): readonly DisseminationEffect[] {
  const first = effects.find(({ kind }) => kind === 'violation')
  if (first === undefined) return effects
  return effects.filter((each) => each.kind !== 'violation' || each === first)
}
