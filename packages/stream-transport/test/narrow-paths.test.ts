import { describe, expect, it } from 'vitest'
import { NarrowPaths } from '../src/narrow-paths.ts'

const MINUTE_MS = 60_000

function paths(maxPaths = 10): { paths: NarrowPaths; found: [string, number][] } {
  const found: [string, number][] = []
  return { paths: new NarrowPaths(maxPaths, (...each) => void found.push(each)), found }
}

/** A connection that ends at `nowMs`, stuck for `stallMs` with so much under way. */
function stuck(path: NarrowPaths, nowMs: number, bytes = 5000, stallMs = 5000, peer = 'a'): void {
  const sizes = { largestArrivedBytes: 200, largestUnderWayBytes: Math.min(bytes, 2048) }
  path.ended(peer, { unacknowledgedBytes: bytes, stalledSinceMs: nowMs - stallMs, ...sizes }, nowMs)
}

describe('a path', () => {
  it('is narrow for ten minutes after two connections in a row stalled with many unacknowledged bytes, and reported once', () => {
    const { paths: path, found } = paths()
    stuck(path, 10_000)
    expect([path.isNarrow('a', 10_001), found]).toEqual([false, []])
    stuck(path, 20_000)
    expect(found).toEqual([['a', 10 * MINUTE_MS]])
    // The other connections of that time end, too.
    stuck(path, 21_000)
    expect(found).toHaveLength(1)
    expect(path.isNarrow('a', 20_001)).toBe(true)
    expect(path.isNarrow('b', 20_001)).toBe(false)
    expect(path.isNarrow('a', 20_000 + 10 * MINUTE_MS)).toBe(false)
  })

  it('is tried with large packets again, at growing intervals', () => {
    const { paths: path, found } = paths()
    let nowMs = 10_000
    stuck(path, nowMs)
    nowMs += 10_000
    stuck(path, nowMs)
    for (const minutes of [10, 20, 40, 60, 60]) {
      expect(found.at(-1)).toEqual(['a', minutes * MINUTE_MS])
      nowMs += minutes * MINUTE_MS + 5000
      stuck(path, nowMs)
    }
  })

  it.each([
    ['little is under way', 599, 5000, 10_000],
    ['they end at once, as when a process is killed', 5000, 1000, 10_000],
    ['a minute lies between them', 5000, 5000, 60_000]
  ])('is not narrow when %s', (_what, bytes, stallMs, betweenMs) => {
    const { paths: path, found } = paths()
    for (let n = 1; n < 5; n++) stuck(path, n * betweenMs, bytes, stallMs)
    expect(found).toEqual([])
  })

  it('is not narrow when writes as large have arrived: the peer froze, or the network failed', () => {
    const { paths: path, found } = paths()
    const end = { unacknowledgedBytes: 5000, largestArrivedBytes: 2048, largestUnderWayBytes: 2048 }
    for (const nowMs of [10_000, 20_000, 30_000])
      path.ended('a', { ...end, stalledSinceMs: nowMs - 5000 }, nowMs)
    // Nor does what was suspected before count any more.
    stuck(path, 40_000)
    path.ended('a', { ...end, stalledSinceMs: 45_000, largestUnderWayBytes: 2000 }, 50_000)
    stuck(path, 55_000)
    expect(found).toEqual([])
    stuck(path, 60_000)
    expect(found).toHaveLength(1)
  })

  it('is not narrow when the largest packets of any network have arrived', () => {
    const { paths: path, found } = paths()
    const end = { largestArrivedBytes: 9000, largestUnderWayBytes: 65_536 }
    for (const nowMs of [10_000, 20_000])
      path.ended('a', { unacknowledgedBytes: 65_536, stalledSinceMs: nowMs - 5000, ...end }, nowMs)
    expect(found).toEqual([])
  })

  it('is remembered for a bounded number of peers; the one that stalled longest ago is forgotten first', () => {
    const { paths: path, found } = paths(2)
    for (const [nowMs, peer] of [
      [1000, 'a'],
      [2000, 'b'],
      [3000, 'c'],
      [4000, 'a'],
      [5000, 'c']
    ] as const)
      stuck(path, 10_000 + nowMs, 5000, 5000, peer)
    expect(found).toEqual([['c', 10 * MINUTE_MS]])
  })
})
