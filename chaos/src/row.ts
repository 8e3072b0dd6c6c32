/** What a row of the acceptance list is, and what it reports. */

/** Where a row runs: under virtual time, on loopback with real sockets, or in network namespaces. */
export type Mode = 'V' | 'L' | 'X'

export interface RowOptions {
  /** Decides what chance decides. Processes and sockets add their own. */
  readonly seed: number
  /** Whether to take less of everything, so that all rows fit into three minutes. */
  readonly short: boolean
  /** How long the soak takes. */
  readonly minutes: number
}

/** What came of a row. */
export interface RowResult {
  /** What the nodes carried, and what went wrong with them, in a few words. */
  readonly load: string
  readonly faults: string
  /** Malformed, forged or unsolicited things that were thrown at nodes. */
  readonly badInputs: number
  /** Updates, per node that must have them, that never came; and that came more than once. */
  readonly lost: number
  readonly duplicates: number
  /** What was measured. */
  readonly note: string
  /** What should not be. Lost and duplicates need no complaint of their own. */
  readonly complaints: readonly string[]
  /** Figures of the list that are out of reach as the protocol is now, and by how much: then the row does not pass. */
  readonly misses?: readonly string[]
}

/** A row that cannot run here. */
export interface Skip {
  /** What it lacks. */
  readonly skipped: string
}

export interface Row {
  /** That of the acceptance list. */
  readonly number: number
  readonly name: string
  readonly mode: Mode
  /** Whether it needs all processors for itself, even when it is shortened. */
  readonly alone?: boolean
  readonly run: (options: RowOptions) => RowResult | Skip | Promise<RowResult | Skip>
}

/** B(N): within how many rounds a group of `nodes` must have an update. */
export function boundRounds(nodes: number): number {
  return 2 * Math.ceil(Math.log2(nodes)) + 4
}
