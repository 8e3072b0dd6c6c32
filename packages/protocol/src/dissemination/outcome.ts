/** What comes of a call to the disseminator. */

import type { Drop, DropReason } from '../drop.ts'
import type { Send } from '../message.ts'
import type { Address } from '../peer.ts'
import type { Deliver, DigestKey } from '../update.ts'
import type { Validate } from '../verdict.ts'
import type { Violation } from '../violation.ts'

/** Refused for these, an update may be taken later, though neither set changes. */
const PASSING: ReadonlySet<DropReason> = new Set([
  'handler-queue-full',
  'request-limit',
  'peer-distrusted'
])

export type Outcome = Send | Drop | Deliver | Validate | Violation

/** What came of contents that were handed on: the digests of those that are new here, of those that are not, and of those that are refused. */
export interface Pushed {
  readonly outcomes: Outcome[]
  readonly taken: DigestKey[]
  readonly known: DigestKey[]
  /** Not taken now, for a reason of ours. */
  readonly refused: DigestKey[]
}

/** What was given up on account of `peer`, by reason. */
export function drops(peer: Address, counts: ReadonlyMap<DropReason, number>): Drop[] {
  return [...counts].map(([reason, count]) => ({ kind: 'dropped', reason, count, peer }))
}

/** Counts refusals by reason. */
export function tally(counts: Map<DropReason, number>, reason: DropReason, by: number = 1): void {
  if (by > 0) counts.set(reason, (counts.get(reason) ?? 0) + by)
}

/** How many of what was offered were refused for a reason that lasts, and whether it is that the store is full. */
export function refusals(outcomes: readonly Outcome[]): { lasting: number; isFull: boolean } {
  let lasting = 0
  let isFull = false
  for (const outcome of outcomes) {
    if (outcome.kind !== 'dropped' || PASSING.has(outcome.reason)) continue
    lasting += outcome.count
    isFull ||= outcome.reason === 'store-full'
  }
  return { lasting, isFull }
}

/** A response that nobody here asked for, or too late. */
export function unsolicited(peer: Address, count = 1): Drop {
  return { kind: 'dropped', reason: 'unsolicited', count, peer }
}

export function unsolicitedContent(peer: Address): Violation {
  return { kind: 'violation', peer, reason: 'unsolicited-content' }
}

/** However many contents of a message nobody asked for, it is one message. */
export function oneViolation(outcomes: readonly Outcome[]): readonly Outcome[] {
  const first = outcomes.find(({ kind }) => kind === 'violation')
  if (first === undefined) return outcomes
  return outcomes.filter((each) => each.kind !== 'violation' || each === first)
}
