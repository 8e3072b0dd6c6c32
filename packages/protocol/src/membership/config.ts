/** The design space of peer sampling (Jelasity et al. 2007, section 2.3), and what a real network adds to it. */

import type { Address } from '../peer.ts'

/** Named corners of the space, by view size c: which H and S they mean (section 2.3.3). */
export type MembershipPolicy = 'blind' | 'healer' | 'swapper'

export interface MembershipConfig {
  /** Send our view with a request. */
  readonly push: boolean
  /** Ask for, and give, a view in return. Off, a node that nobody knows can never be found again. */
  readonly pull: boolean
  /** Whom to exchange with: a random entry (`rand`) or the oldest (`tail`). */
  readonly selection: 'rand' | 'tail'
  /** c: the most entries a view holds. */
  readonly viewSize: number
  /** H: how many of the oldest entries each exchange removes at most; forgets the dead. Beyond c/2 it acts as c/2. */
  readonly healing: number
  /** S: how many of the entries just sent are removed at most; keeps in-degrees even. Beyond c/2 - H it acts as c/2 - H. */
  readonly swapping: number
  /** View entries sent beside our own. The paper's text says c/2 - 1; its published curves fit c/2. */
  readonly exchangeSize: number
  /** T: milliseconds from one exchange that we open to the next. */
  readonly periodMs: number
  /** Each period is stretched or shortened by up to this share of it, so that nodes do not march in step. */
  readonly jitter: number
  /** An entry is dropped after so many sends to it in a row have failed, or three requests in a row were left unanswered; Infinity keeps it, as the paper does. */
  readonly maxFailedSends: number
  /** How many dropped peers are remembered, the longest known first, and tried again at intervals from a period to an hour; 0 turns it off. */
  readonly maxPastPeers: number
  /**
   * Choose whom to ask and to gossip with from a private sample of all peers ever heard of, which poisoned views hardly
   * bend. Costs one more view exchange per period; see docs/hardening.md.
   */
  readonly hardened: boolean
}

/** What a simulator may add, and a real node cannot know. */
export interface SimulatedMembership extends MembershipConfig {
  /**
   * Which entries may be asked for an exchange; the others stay in the view. Default: all. The paper's selectPeer returns
   * a node that is alive (section 2.2): a simulator says here who is, where a real node learns it by asking.
   */
  readonly mayAsk?: (address: Address) => boolean
  /** Hashes what stands for addresses there. Default: a keyed hash of the text. */
  readonly hashOf?: (address: Address) => number
}

/** H and S of a policy for a view of `viewSize`. */
export function policy(
  name: MembershipPolicy,
  viewSize: number
): { healing: number; swapping: number } {
  const half = Math.floor(viewSize / 2)
  return { healing: name === 'healer' ? half : 0, swapping: name === 'swapper' ? half : 0 }
}

/** The paper's buffer length beside the own entry, c/2 - 1, but never so short that nothing is exchanged. */
export function defaultExchangeSize(viewSize: number): number {
  return Math.max(1, Math.floor(viewSize / 2) - 1)
}
