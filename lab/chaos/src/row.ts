/** The rows of the acceptance list, and their results. */

import type { Figure } from '@rumormill/harness/figure'

/** Where a row runs: V in virtual time, L on loopback with real sockets, X in network namespaces. */
export type Mode = 'V' | 'L' | 'X'

export interface RowOptions {
  /** The seed of random choices. Processes and sockets add randomness of their own. */
  readonly seed: number
  /** Whether to run a shorter form, so that all rows together take about five minutes. */
  readonly short: boolean
  /** The duration of the soak. */
  readonly minutes: number
}

/** The result of a row. */
export interface RowResult {
  /** The load and the faults, in a few words. */
  readonly load: string
  readonly faults: string
  /** How many malformed, forged or unsolicited inputs were sent to nodes. */
  readonly badInputs: number
  /** Updates that a node did not get, and that it got more than once, summed over the nodes. */
  readonly lost: number
  readonly duplicates: number
  /** The measurements. */
  readonly figures: readonly Figure[]
  /** The failed conditions, except for lost and duplicate updates. */
  readonly complaints: readonly string[]
  /** Goals of the list that the protocol does not reach at present, and by how much. With one, the row does not pass. */
  readonly misses?: readonly string[]
}

/** The result of a row that cannot run on this machine. */
export interface Skip {
  /** The missing requirement. */
  readonly skipped: string
}

export interface Row {
  /** The number in the acceptance list. */
  readonly number: number
  readonly name: string
  readonly mode: Mode
  /** Whether it must run alone even in its short form. */
  readonly alone?: boolean
  readonly run: (options: RowOptions) => RowResult | Skip | Promise<RowResult | Skip>
}

/** Returns B(N), the most rounds in which a group of `nodes` must have an update. */
export function boundRounds(nodes: number): number {
  return 2 * Math.ceil(Math.log2(nodes)) + 4
}

/** The remark on a time that does not count. */
export const UNJUDGED = 'not judged: the processors are full'
