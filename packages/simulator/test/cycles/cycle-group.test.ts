import { describe, expect, it } from 'vitest'
import {
  CycleGroup,
  type CycleGroupOptions,
  type CycleMembership
} from '../../src/cycles/cycle-group.ts'
import { growingGroup, latticeGroup, randomGroup, randomOverlay } from '../../src/cycles/starts.ts'
import { clusterSizes } from '../../src/metrics/paths.ts'
import { rngFor } from '../../src/seeded-rng.ts'

const membership: CycleMembership = {
  push: true,
  pull: true,
  selection: 'rand',
  viewSize: 8,
  healing: 2,
  swapping: 2,
  exchangeSize: 3
}
const options: CycleGroupOptions = { membership, seed: 1 }

/** Whom each node knows. */
function views(group: CycleGroup): number[][] {
  const { size, starts, targets } = group.overlay().overlay
  return Array.from({ length: size }, (_, node) =>
    Array.from(targets.slice(starts[node], starts[node + 1]).sort())
  )
}

describe('starts', () => {
  it('lattice: the nearest on the ring', () => {
    expect(views(latticeGroup(12, options))[0]).toEqual([1, 2, 3, 4, 8, 9, 10, 11])
  })

  it('random: c different others', () => {
    for (const [node, view] of views(randomGroup(40, options)).entries()) {
      expect([new Set(view).size, view.includes(node)]).toEqual([8, false])
    }
    expect(randomOverlay(40, 8, rngFor(1)).targets).toHaveLength(320)
  })

  it('growing: a number of nodes per cycle, one cluster in the end', () => {
    const group = growingGroup(50, 10, options)
    expect([group.size, group.cycles]).toEqual([50, 5])
    expect(clusterSizes(group.overlay().overlay)).toEqual([50])
  })
})

describe('a cycle', () => {
  it('is atomic, and skips dead nodes: two nodes have exchanged everything', () => {
    const group = new CycleGroup(options)
    for (let node = 0; node < 4; node++) group.add()
    group.introduce(0, [1, 2])
    group.introduce(1, [3])
    group.kill(2)
    group.kill(3)
    expect(group.overlay()).toMatchObject({ links: 3, deadLinks: 2 })
    expect(group.deadLinksByNode()).toEqual([1, 1])
    group.cycle()
    expect(group.deadLinksByNode()).toEqual([2, 2])
    expect(views(group)).toEqual([[1], [0]])
  })

  it('is a synchronous round: an update is forwarded in the next cycle', () => {
    const one = { ...membership, viewSize: 1, healing: 1, swapping: 0, exchangeSize: 1 }
    const group = new CycleGroup({
      seed: 1,
      membership: one,
      oracle: true,
      spreading: { push: true, pull: false }
    })
    for (let node = 0; node < 64; node++) group.add()
    const digest = group.submit(0, Uint8Array.of(1))
    // With push, at most each of those who know tells one other.
    for (let cycle = 1; cycle <= 6; cycle++) {
      const before = group.reached(digest)
      group.cycle()
      expect(group.reached(digest)).toBeLessThanOrEqual(2 * before)
    }
    expect(group.reached(digest)).toBeGreaterThan(20)
    expect(group.reached('0'.repeat(64))).toBe(0)
  })

  it('with an oracle contacts uniformly random others', () => {
    const one = { ...membership, viewSize: 1, healing: 1, swapping: 0, exchangeSize: 1 }
    const group = new CycleGroup({ seed: 1, membership: one, oracle: true })
    for (let node = 0; node < 5; node++) group.add()
    const seen = Array.from({ length: 5 }, () => new Set<number>())
    for (let cycle = 0; cycle < 60; cycle++) {
      group.cycle()
      views(group).forEach(([other], node) => seen[node]!.add(other!))
    }
    expect(seen.map((others) => others.size)).toEqual([4, 4, 4, 4, 4])
  })
})

it('the same seed gives the same group, another seed another', () => {
  const after = (seed: number): string => {
    const group = randomGroup(60, { membership, seed })
    for (let cycle = 0; cycle < 10; cycle++) group.cycle()
    return JSON.stringify(views(group))
  }
  expect(after(5)).toBe(after(5))
  expect(after(5)).not.toBe(after(6))
})

it('a sample is an entry of the view; undefined for an empty view', () => {
  const group = new CycleGroup(options)
  for (let node = 0; node < 3; node++) group.add()
  group.introduce(0, [1, 2])
  expect([group.sample(0), group.sample(0)].sort()).toEqual([1, 2])
  expect(group.sample(1)).toBeUndefined()
})
