/** The design space of peer sampling (Jelasity et al. 2007, section 2.3), and what a real network adds to it. */

import type { Address } from '../peer.ts'

/** Named corners of the space, by view size c: which H and S they mean (section 2.3.3). */
export type MembershipPolicy = 'blind' | 'healer' | 'swapper'

export interface MembershipConfig {
  /** Send a part of the own view with a request. Default true. */
  readonly push: boolean
  /** Request a part of the peer's view, and answer such requests. Without it, a lost node is never found again. Default true. */
  readonly pull: boolean
  /** Which entry of the view an exchange goes to: a random one (`rand`) or the oldest (`tail`). Default `rand`. */
  readonly selection: 'rand' | 'tail'
  /** c: the most entries of a view. Raise it for groups of tens of thousands. Default 30. */
  readonly viewSize: number
  /** H: how many of the oldest entries an exchange removes at most; forgets the dead. Beyond c/2 it acts as c/2. Default 3. */
  readonly healing: number
  /** S: how many of the sent entries are removed at most; balances in-degrees. Beyond c/2 - H it acts as c/2 - H. Default 12. */
  readonly swapping: number
  /** How many view entries a message carries beside the own one. The paper's text says c/2 - 1; its curves fit c/2. Default 14. */
  readonly exchangeSize: number
  /** T: milliseconds from one exchange to the next. Shorter finds newcomers sooner. Default 500. */
  readonly periodMs: number
  /** Each period is stretched or shortened by up to this share of it, so that nodes are not in step. Default 0.1. */
  readonly jitter: number
  /** A peer is dropped after so many failed sends in a row, or three unanswered requests; Infinity: never, as in the paper. Default 2. */
  readonly maxFailedSends: number
  /** How many dropped peers are kept, the longest known first, and retried at intervals of up to an hour; 0: none. Default 64. */
  readonly maxPastPeers: number
  /**
   * Choose targets from a private sample of all peers ever heard of, which poisoned views hardly bend. Costs one more view
   * exchange per period; see docs/hardening.md. Default false.
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
