/** By how much the second of each pair grows per minute of the first, in milliseconds: the line of least squares. */
export function slopePerMinute(
  points: readonly (readonly [atMs: number, value: number])[]
): number {
  const mean = (index: 0 | 1): number =>
    points.reduce((sum, point) => sum + point[index], 0) / points.length
  const [meanMs, meanValue] = [mean(0), mean(1)]
  const covariance = points.reduce(
    (sum, [atMs, value]) => sum + (atMs - meanMs) * (value - meanValue),
    0
  )
  const variance = points.reduce((sum, [atMs]) => sum + (atMs - meanMs) ** 2, 0)
  return (60_000 * covariance) / variance
}
