import { describe, expect, it } from 'vitest'
import { MinWiseSampler } from '../../src/membership/min-wise.ts'
import { createRng } from '../../src/model/random.ts'

const SLOTS = 30
const all = Array.from({ length: 200 }, (_, n) => `10.0.0.${n}:7000`)

/** Lets `periods` pass in which probed peers answer if `lives`, and all addresses are seen. Returns the number of probes. */
function pass(
  sampler: MinWiseSampler,
  periods: number,
  lives: (address: string) => boolean = () => true
): number {
  let probes = 0
  for (let period = 0; period < periods; period++) {
    for (const address of all) sampler.consider(address)
    const probe = sampler.nextProbe()
    if (probe === undefined) continue
    probes++
    if (lives(probe)) sampler.answered(probe)
  }
  return probes
}

const sampler = (seed = 1): MinWiseSampler => new MinWiseSampler(SLOTS, createRng(seed))

describe('a min-wise sample', () => {
  it('holds only peers that have answered, and probes one in each period', () => {
    const node = sampler()
    for (const address of all) node.consider(address)
    expect(node.samples()).toEqual([])
    expect(node.sample([])).toBeUndefined()
    expect(pass(node, 60)).toBe(60)
    expect(node.samples()).toHaveLength(SLOTS)
    expect(new Set(node.samples()).size).toBeGreaterThan(15)
  })

  it('does not depend on the order, or on how often an address is seen', () => {
    const one = sampler()
    const other = sampler()
    for (const address of all) one.consider(address)
    for (let times = 0; times < 50; times++)
      for (const loud of all.slice(0, 10)) other.consider(loud)
    for (const address of all.toReversed()) other.consider(address)
    const settled = (node: MinWiseSampler): string[] => {
      for (let probe = node.nextProbe(); node.samples().length < SLOTS; probe = node.nextProbe())
        node.answered(probe!)
      return node.samples()
    }
    expect(settled(one)).toEqual(settled(other))
  })

  it('does not depend on how often a peer answers', () => {
    const node = sampler()
    pass(node, 45)
    const settled = node.samples()
    for (const address of all.slice(0, 20)) node.answered(address)
    expect(node.samples()).toEqual(settled)
  })

  it('differs between nodes, and each address is in it as often as any other', () => {
    const times = new Map(all.map((address) => [address, 0]))
    const nodes = 200
    for (let seed = 1; seed <= nodes; seed++) {
      const node = sampler(seed)
      pass(node, 45)
      for (const address of node.samples()) times.set(address, times.get(address)! + 1)
    }
    const expected = (nodes * SLOTS) / all.length
    const chiSquare = [...times.values()].reduce(
      (sum, seen) => sum + (seen - expected) ** 2 / expected,
      0
    )
    // 199 degrees of freedom: within four standard deviations.
    expect(Math.abs(chiSquare - 199)).toBeLessThan(4 * Math.sqrt(2 * 199))
  })

  it('empties the slots of unreachable peers, and fills them with others', () => {
    const node = sampler()
    pass(node, 60)
    const dead = node.samples()[0]!
    node.failed(dead)
    expect(node.samples()).not.toContain(dead)
    pass(node, 60, (address) => address !== dead)
    expect(node.samples()).toHaveLength(SLOTS)
    expect(node.samples()).not.toContain(dead)
  })

  it('is not delayed by addresses at which no node answers', () => {
    const node = sampler()
    const dead = new Set(all.filter((_, n) => n % 4 === 0))
    const probed: string[] = []
    pass(node, 120, (address) => {
      if (dead.has(address)) probed.push(address)
      return !dead.has(address)
    })
    expect(probed.length).toBeGreaterThan(0)
    expect(new Set(probed).size).toBe(probed.length)
    expect(node.samples()).toHaveLength(SLOTS)
    expect(node.samples().some((address) => dead.has(address))).toBe(false)
  })

  it('detects that a peer in a slot has died, but not by one lost answer', () => {
    const node = sampler()
    pass(node, 60)
    const dead = node.samples()[0]!
    node.unanswered(dead)
    expect(node.samples()).toContain(dead)
    node.answered(dead)
    node.unanswered(dead)
    expect(node.samples()).toContain(dead)
    pass(node, 100, (address) => address !== dead)
    expect(node.samples()).not.toContain(dead)
  })

  it('changes over time, without empty slots', () => {
    const node = sampler()
    pass(node, 60)
    const before = node.samples()
    for (let part = 0; part < 20; part++) {
      pass(node, 10)
      expect(node.samples()).toHaveLength(SLOTS)
    }
    const kept = node.samples().filter((address, slot) => before[slot] === address).length
    expect(kept).toBeLessThan(5)
  })

  it('forgets a peer until it is seen again', () => {
    const node = sampler()
    pass(node, 60)
    const gone = node.samples()[0]!
    node.forget(gone)
    expect(node.samples()).not.toContain(gone)
  })

  it('returns peers that are not taken', () => {
    const node = sampler()
    pass(node, 60)
    const [kept] = node.samples()
    const taken = node.samples().filter((address) => address !== kept)
    for (let times = 0; times < 50; times++) expect(node.sample(taken)).toBe(kept)
    expect(node.sample(node.samples())).toBeUndefined()
  })

  it('accepts hashes of other things than text', () => {
    const node = new MinWiseSampler(4, createRng(1), Number)
    node.consider('7')
    node.answered('7')
    expect(node.samples()).toEqual(['7', '7', '7', '7'])
  })
})
