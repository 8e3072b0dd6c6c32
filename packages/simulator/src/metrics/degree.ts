/** In-degrees of an overlay, and their distribution (Jelasity et al. 2007, section 4.1). */

import type { Overlay } from './overlay.ts'

/** The distribution of a list of numbers. */
export interface Distribution {
  readonly mean: number
  readonly sd: number
  readonly min: number
  readonly max: number
}

/** Returns how many nodes link to each node. */
export function inDegrees({ size, targets }: Overlay): Int32Array {
  const degrees = new Int32Array(size)
  for (const target of targets) degrees[target]!++
  return degrees
}

/** Returns mean, standard deviation, minimum and maximum of `values`. */
export function distributionOf(values: ArrayLike<number>): Distribution {
  let sum = 0
  let min = Infinity
  let max = -Infinity
  for (let index = 0; index < values.length; index++) {
    sum += values[index]!
    min = Math.min(min, values[index]!)
    max = Math.max(max, values[index]!)
  }
  const mean = sum / values.length
  let squares = 0
  for (let index = 0; index < values.length; index++) squares += (values[index]! - mean) ** 2
  return { mean, sd: Math.sqrt(squares / values.length), min, max }
}

/**
 * Returns the autocorrelation of in-degrees that are `lag` snapshots apart: 1 unchanged, 0 unrelated (section 4.1.3). It is
 * computed over all nodes and all pairs of snapshots, around `mean`, which for in-degrees is c.
 */
export function autocorrelation(
  snapshots: readonly Int32Array[],
  lag: number,
  mean: number
): number {
  let products = 0
  let pairs = 0
  let squares = 0
  let values = 0
  for (let at = 0; at < snapshots.length; at++) {
    const now = snapshots[at]!
    const later = snapshots[at + lag]
    for (let node = 0; node < now.length; node++) {
      squares += (now[node]! - mean) ** 2
      if (later !== undefined) products += (now[node]! - mean) * (later[node]! - mean)
    }
    values += now.length
    if (later !== undefined) pairs += now.length
  }
  return products / pairs / (squares / values)
}
