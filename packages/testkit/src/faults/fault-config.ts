/** The faults of a fault plan, and the counters. */

import type { Faults } from './faults.ts'

/** The faults of a plan. Default: none. */
export interface FaultConfig extends Faults {
  /** Whether a cut drops messages silently. By default sends fail (UNREACHABLE), as over TCP. */
  readonly blackHole: boolean
  /** The share of the rare faults that the seed enables: see {@link FaultPlan.buggify}. 0.01 is usually enough. */
  readonly buggify: number
}

/** The counters of a plan, over all its transports. */
export interface FaultCounts {
  /** Messages that running nodes sent. */
  readonly messages: number
  readonly lost: number
  readonly duplicated: number
  readonly corrupted: number
  /** Messages that were delayed, for any reason. */
  readonly delayed: number
  readonly reordered: number
  /** Messages that a partition or a cut has stopped, at the sender or the receiver. */
  readonly cut: number
  /** Messages that were refused because too many were delayed. */
  readonly overloaded: number
  /** How often each rare fault occurred. */
  readonly buggified: Readonly<Record<string, number>>
}

/** No faults. */
export const CALM: FaultConfig = {
  loss: 0,
  delayMs: 0,
  duplicate: 0,
  reorder: 0,
  reorderMs: 1000,
  corrupt: 0,
  blackHole: false,
  buggify: 0
}
