/** What comes of a call to the disseminator. */
import type { Drop, DropReason } from '../drop.ts'
import type { Send } from '../message.ts'
import type { Offence } from '../offence.ts'
import type { Address } from '../peer.ts'
import type { Deliver } from '../update.ts'
import type { Validate } from '../verdict.ts'

export type Outcome = Send | Drop | Deliver | Validate | Offence

/** What was given up on account of `peer`, by reason. */
export function drops(peer: Address, counts: ReadonlyMap<DropReason, number>): Drop[] {
  return [...counts].map(([reason, count]) => ({ kind: 'drop', reason, count, peer }))
}

export function unaskedContent(peer: Address): Offence {
  return { kind: 'offence', peer, reason: 'unasked-content' }
}
