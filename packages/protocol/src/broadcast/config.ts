/** How updates spread between rounds. */
export interface BroadcastConfig {
  /**
   * - `eager`: contents of up to `eagerBytes` are pushed at once, down a tree; of larger ones, and of bursts, digests are sent.
   * - `lazy`: neighbors are sent the digest of an update as soon as a node has it, and fetch the content.
   * - `off`: updates spread by rounds only, as in the reference crate.
   *
   * Rounds run in any case and repair what is lost. Default `eager`.
   */
  readonly mode: 'eager' | 'lazy' | 'off'
  /** How many neighbors a node chooses. Up to twice as many peers may choose it. Default 4. */
  readonly degree: number
  /** Milliseconds between `neighbor` messages. Each time, one neighbor is replaced by another peer. Default 10,000. */
  readonly neighborMs: number
  /** The largest content that is pushed, in bytes. Default 4,096. */
  readonly eagerBytes: number
  /**
   * Milliseconds from a push until its digest is sent to the other neighbors, in case a branch of the tree is broken. Has no
   * effect where it exceeds the time between rounds, which repair that as soon. Default 500.
   */
  readonly lazyMs: number
}

/** No neighbors: for simulators of rounds. */
export const NO_BROADCAST: BroadcastConfig = {
  mode: 'off',
  degree: 1,
  neighborMs: Infinity,
  eagerBytes: 0,
  lazyMs: Infinity
}
