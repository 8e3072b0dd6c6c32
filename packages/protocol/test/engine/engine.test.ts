import { describe, expect, it } from 'vitest'
import type { Expiration } from '../../src/store/config.ts'
import { VirtualGroup } from './virtual-group.ts'

const knowsAll = (group: VirtualGroup) => (): boolean =>
  group.nodes.every(
    ({ alive, engine }) =>
      !alive || engine.peers().length === group.nodes.filter((node) => node.alive).length - 1
  )

describe('a group of ten with one first contact', () => {
  it.each([1, 2, 3, 4, 5])('finds all its members in about a second (seed %i)', (seed) => {
    const group = new VirtualGroup({ size: 10, seed })
    group.run(10_000, knowsAll(group))
    expect(group.nowMs).toBeLessThan(1500)
  })

  it.each([
    ['push and pull', { push: true, pull: true }],
    ['push only', { push: true, pull: false }],
    ['pull only', { push: false, pull: true }]
  ])('%s: every update reaches every other node once', (_name, antiEntropy) => {
    const group = new VirtualGroup({ size: 10, seed: 7, antiEntropy })
    const all = Array.from({ length: 50 }, (_, n) => `update ${n}`)
    all.forEach((text, n) => {
      group.submit(n % 10, text)
      group.run(20)
    })
    group.run(15_000)
    group.nodes.forEach(({ delivered }, n) => {
      expect(delivered.toSorted()).toEqual(all.filter((_, each) => each % 10 !== n).toSorted())
    })
  })

  it.each([11, 12, 13])('loses no update at 30 % loss (seed %i)', (seed) => {
    const group = new VirtualGroup({ size: 10, seed, loss: 0.3 })
    for (let n = 0; n < 30; n++) group.submit(n % 10, `update ${n}`)
    group.run(60_000)
    expect(group.nodes.map(({ delivered }) => new Set(delivered).size)).toEqual(Array(10).fill(27))
    expect(group.nodes.map(({ delivered }) => delivered.length)).toEqual(Array(10).fill(27))
  })

  it.each([21, 22, 23])(
    'crate flaw 13: drops dead peers, also from a view that is not full (seed %i)',
    (seed) => {
      const group = new VirtualGroup({ size: 10, seed })
      group.run(3000)
      group.nodes[0]!.alive = false
      group.nodes[4]!.alive = false
      group.run(60_000, knowsAll(group))
      expect(group.nowMs).toBeLessThan(20_000)
      group.submit(1, 'after')
      group.run(5000)
      expect(group.nodes.filter(({ delivered }) => delivered.includes('after'))).toHaveLength(7)
    }
  )

  it('a late joiner gets everything that is active', () => {
    const group = new VirtualGroup({ size: 10, seed: 31 })
    group.nodes[9]!.alive = false
    for (let n = 0; n < 1000; n++) group.submit(n % 9, `update ${n}`)
    group.run(30_000)
    group.nodes[9]!.alive = true
    group.perform(9, group.nodes[9]!.engine.join(group.nowMs, ['0']))
    group.run(10_000)
    expect(new Set(group.nodes[9]!.delivered).size).toBe(1000)
    expect(group.nodes[9]!.delivered).toHaveLength(1000)
  })

  it.each<Expiration>([
    { mode: 'duration', ms: 3000 },
    { mode: 'pushCount', count: 12 },
    { mode: 'mostRecent', count: 20, margin: 0.5 }
  ])('$mode: everyone gets every update once, and the expired ones never return', (expiration) => {
    const group = new VirtualGroup({ size: 10, seed: 41, store: { expiration } })
    group.run(2000)
    for (let n = 0; n < 60; n++) {
      group.submit(n % 10, `update ${n}`)
      group.run(300)
    }
    group.run(30_000)
    expect(group.nodes.map(({ delivered }) => new Set(delivered).size)).toEqual(Array(10).fill(54))
    expect(group.nodes.map(({ delivered }) => delivered.length)).toEqual(Array(10).fill(54))
  })
})

it('crate flaw 14: groups with the smallest views still spread', () => {
  const group = new VirtualGroup({
    size: 5,
    seed: 51,
    membership: { viewSize: 2, exchangeSize: 1, healing: 1, swapping: 0 }
  })
  group.run(5000)
  group.submit(0, 'x')
  group.run(10_000)
  expect(group.nodes.map(({ delivered }) => delivered.length)).toEqual([0, 1, 1, 1, 1])
})

it('the same seed gives the same run, another gives another', () => {
  const trace = (seed: number): string => {
    const group = new VirtualGroup({ size: 8, seed })
    group.submit(0, 'x')
    group.run(2000)
    return JSON.stringify(group.nodes.map(({ engine }) => engine.peers()))
  }
  expect(trace(1)).toBe(trace(1))
  expect(trace(1)).not.toBe(trace(2))
})
