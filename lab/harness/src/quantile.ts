/** Quantiles of measured values. */

/** Returns the value that `share` of `values` do not exceed; NaN when there are none. */
export function quantile(values: Iterable<number>, share: number): number {
  const sorted = Float64Array.from(values).sort()
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN
}

/** Returns the middle one of `values`, and of an even number the higher one; NaN when there are none. */
export function median(values: Iterable<number>): number {
  return quantile(values, 0.5)
}
