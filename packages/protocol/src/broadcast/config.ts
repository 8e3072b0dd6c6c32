/** How updates spread between the rounds. */
export interface BroadcastConfig {
  /**
   * `announce`: neighbours are told of an update as soon as a node has it, and fetch it. `off`: only rounds spread, as in
   * the reference crate. Rounds run in either case: they are what nothing is lost by.
   */
  readonly mode: 'announce' | 'off'
  /** How many neighbours a node chooses; as many more may choose it. */
  readonly degree: number
  /** Milliseconds from one greeting of the neighbours to the next; with each, one of them is exchanged for another peer. */
  readonly greetingMs: number
}

/** Neighbours for those who ask for none: simulators of rounds. */
export const NO_BROADCAST: BroadcastConfig = { mode: 'off', degree: 1, greetingMs: Infinity }
