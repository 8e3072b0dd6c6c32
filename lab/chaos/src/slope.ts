/** Returns the growth of the second value per minute of the first (in milliseconds), by a least-squares line. */
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
