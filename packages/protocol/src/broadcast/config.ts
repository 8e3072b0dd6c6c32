/** How updates spread between the rounds. */
export interface BroadcastConfig {
  /**
   * `eager`: an update of up to `eagerBytes` is handed on at once, down a tree; larger ones, and a burst, are announced.
   * `announce`: neighbours are told of an update as soon as a node has it, and fetch it. `off`: only rounds spread, as in
   * the reference crate. Rounds run in any case: they are what nothing is lost by.
   */
  readonly mode: 'eager' | 'announce' | 'off'
  /** How many neighbours a node chooses; as many more may choose it. */
  readonly degree: number
  /** Milliseconds from one greeting of the neighbours to the next; with each, one of them is exchanged for another peer. */
  readonly greetingMs: number
  /** The largest content, in bytes, that is handed on unasked. */
  readonly eagerBytes: number
  /**
   * How long after a content was handed on the other neighbours are told of it, should a branch have broken. Where rounds
   * are as frequent, they find that as soon, and nobody is told.
   */
  readonly lazyMs: number
}

/** Neighbours for those who ask for none: simulators of rounds. */
export const NO_BROADCAST: BroadcastConfig = {
  mode: 'off',
  degree: 1,
  greetingMs: Infinity,
  eagerBytes: 0,
  lazyMs: Infinity
}
