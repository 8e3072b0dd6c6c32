/** Options of membership: the parameters of peer sampling (Jelasity et al. 2007, section 2.3), and those a real network needs. */

import type { Address } from '../model/peer.ts'

/** Names for three choices of H and S (section 2.3.3). */
export type MembershipPolicy = 'blind' | 'healer' | 'swapper'

export interface MembershipConfig {
  /** Whether requests carry a part of the own view. Default true. */
  readonly push: boolean
  /**
   * Whether to request a part of the peer's view, and to answer such requests. Without it, a lost node is never found
   * again. Default true.
   */
  readonly pull: boolean
  /** Which entry of the view an exchange goes to: a random one (`rand`) or the oldest (`tail`). Default `rand`. */
  readonly selection: 'rand' | 'tail'
  /** c: the most entries of a view. Raise it for groups of tens of thousands of nodes. Default 30. */
  readonly viewSize: number
  /** H: the most of the oldest entries that an exchange removes; this removes dead nodes. Above c/2 it acts as c/2. Default 3. */
  readonly healing: number
  /**
   * S: the most of the sent entries that an exchange removes; this balances in-degrees. Above c/2 - H it acts as c/2 - H.
   * Default 12.
   */
  readonly swapping: number
  /**
   * How many view entries a message carries besides the own one. The paper's text says c/2 - 1; its curves fit c/2. Default
   * 14.
   */
  readonly exchangeSize: number
  /** T: milliseconds from one exchange to the next. With a shorter period, new nodes are found sooner. Default 500. */
  readonly periodMs: number
  /** The share by which each period is randomly longer or shorter, at most, so that nodes are not in step. Default 0.1. */
  readonly jitter: number
  /**
   * After how many failed sends in a row a peer is dropped; also after three unanswered requests. Infinity: never, as in
   * the paper. Default 2.
   */
  readonly maxFailedSends: number
  /** How many dropped peers are kept, those known longest, and retried at intervals of up to an hour; 0: none. Default 64. */
  readonly maxPastPeers: number
  /**
   * Whether to choose targets from a private sample of all addresses ever seen, on which poisoned views have little influence.
   * Costs one more view exchange per period; see docs/hardening.md. Default false.
   */
  readonly hardened: boolean
}

/** Options for simulators: they need knowledge that a real node does not have. */
export interface SimulatedMembership extends MembershipConfig {
  /**
   * Returns whether an entry may be chosen for an exchange; the others stay in the view. Default: all. The paper's selectPeer
   * returns a node that is alive (section 2.2): a simulator knows which nodes are; a real node finds out by a request.
   */
  readonly mayAsk?: (address: Address) => boolean
  /** Hashes an address of the simulator. Default: a keyed hash of the text. */
  readonly hashOf?: (address: Address) => number
}

/** Returns H and S of a policy for a view of `viewSize`. */
export function policy(
  name: MembershipPolicy,
  viewSize: number
): { healing: number; swapping: number } {
  const half = Math.floor(viewSize / 2)
  return { healing: name === 'healer' ? half : 0, swapping: name === 'swapper' ? half : 0 }
}

/** Returns the paper's buffer length besides the own entry, c/2 - 1, but at least 1. */
export function defaultExchangeSize(viewSize: number): number {
  return Math.max(1, Math.floor(viewSize / 2) - 1)
}
