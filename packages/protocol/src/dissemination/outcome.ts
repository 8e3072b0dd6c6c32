/** What comes of a call to the disseminator. */
import type { Drop, DropReason } from '../drop.ts'
import type { Send } from '../message.ts'
import type { Offence } from '../offence.ts'
import type { Address } from '../peer.ts'
import type { Deliver, DigestKey } from '../update.ts'
import type { Validate } from '../verdict.ts'

export type Outcome = Send | Drop | Deliver | Validate | Offence

/** What came of contents that were handed on: the digests of those that are new here, and of those that are not. */
export interface Pushed {
  readonly outcomes: Outcome[]
  readonly taken: DigestKey[]
  readonly known: DigestKey[]
}

/** What was given up on account of `peer`, by reason. */
export function drops(peer: Address, counts: ReadonlyMap<DropReason, number>): Drop[] {
  return [...counts].map(([reason, count]) => ({ kind: 'drop', reason, count, peer }))
}

/** A response that nobody here asked for, or too late. */
export function unasked(peer: Address): Drop {
  return { kind: 'drop', reason: 'unasked', count: 1, peer }
}

export function unaskedContent(peer: Address): Offence {
  return { kind: 'offence', peer, reason: 'unasked-content' }
}
