import { createRng } from '@rumormill/protocol/plugin'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { autocorrelation, distributionOf, inDegrees } from '../../src/metrics/degree.ts'
import { overlayOf, restricted, undirected } from '../../src/metrics/overlay.ts'
import { clusterSizes, clustering, pathLength } from '../../src/metrics/paths.ts'

const rng = createRng(1)
const ring = overlayOf([[1], [2], [3], [0]])
const triangle = overlayOf([[1], [2], [0]])

describe('overlay metrics, on graphs whose values are computed by hand', () => {
  it('in-degrees', () => {
    expect([...inDegrees(overlayOf([[1, 2], [2], []]))]).toEqual([0, 1, 2])
    expect(distributionOf([0, 1, 2])).toEqual({ mean: 1, sd: Math.sqrt(2 / 3), min: 0, max: 2 })
  })

  it('path lengths, directed and undirected', () => {
    expect(pathLength(ring, 4, rng)).toBe(2)
    expect(pathLength(undirected(ring), 4, rng)).toBeCloseTo(4 / 3)
  })

  it('clustering ignores directions', () => {
    expect(clustering(triangle)).toBe(1)
    expect(clustering(ring)).toBe(0)
    expect(clustering(overlayOf([[1, 2], [2], [], [0]]))).toBeCloseTo((1 / 3 + 1 + 1 + 0) / 4)
  })

  it('clusters', () => {
    expect(clusterSizes(overlayOf([[1], [], [3], [], [2]]))).toEqual([3, 2])
    expect(clusterSizes(overlayOf([[], []]))).toEqual([1, 1])
  })

  it('a restricted overlay', () => {
    const left = restricted(ring, Uint8Array.from([1, 1, 0, 1]))
    expect(left).toEqual(overlayOf([[1], [], [0]]))
  })

  it('autocorrelation: 1 for unchanged values, -1 for inverted ones', () => {
    const one = Int32Array.from([1, 3])
    const other = Int32Array.from([3, 1])
    expect(autocorrelation([one, one, one], 1, 2)).toBe(1)
    expect(autocorrelation([one, other, one], 1, 2)).toBe(-1)
    expect(autocorrelation([one, other, one], 2, 2)).toBe(1)
  })
})

it('undirected: each link in both directions, once, for any graph', () => {
  const graph = fc.integer({ min: 1, max: 12 }).chain((size) =>
    fc.array(fc.uniqueArray(fc.integer({ min: 0, max: size - 1 }), { maxLength: 5 }), {
      minLength: size,
      maxLength: size
    })
  )
  fc.assert(
    fc.property(graph, (lists) => {
      const { size, starts, targets } = undirected(overlayOf(lists))
      for (let node = 0; node < size; node++) {
        const expected = lists.flatMap((list, other) =>
          other !== node && (list.includes(node) || lists[node]!.includes(other)) ? [other] : []
        )
        expect(Array.from(targets.slice(starts[node], starts[node + 1]).sort())).toEqual(expected)
      }
    })
  )
})
