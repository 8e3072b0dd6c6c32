import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { View } from '../../src/membership/view.ts'
import type { Peer } from '../../src/model/peer.ts'
import { createRng, type Rng } from '../../src/model/random.ts'

const peer = fc.record({
  address: fc.integer({ min: 0, max: 40 }).map((n) => `n${n}`),
  age: fc.integer({ min: 0, max: 9 })
})
const peers = fc.array(peer, { maxLength: 40 })

function viewOf(self: string, capacity: number, entries: readonly Peer[]): View {
  const view = new View(self, capacity)
  view.select(entries, 0, 0, createRng(0))
  return view
}

/** Jelasity et al. 2007, fig. 1, select: word for word, as dumb as possible. */
function dumbSelect(
  self: string,
  c: number,
  view: readonly Peer[],
  buffer: readonly Peer[],
  h: number,
  s: number,
  rng: Rng
): Peer[] {
  let result: Peer[] = []
  for (const entry of [...view, ...buffer].filter(({ address }) => address !== self)) {
    const existing = result.find(({ address }) => address === entry.address)
    if (existing === undefined) result.push({ ...entry })
    else
      result = result.map((each) =>
        each === existing ? { ...each, age: Math.min(each.age, entry.age) } : each
      )
  }
  const oldestFirst = [...result].sort((a, b) => b.age - a.age)
  const old = oldestFirst.slice(0, Math.max(0, Math.min(h, result.length - c)))
  result = result.filter((entry) => !old.includes(entry))
  result = result.slice(Math.max(0, Math.min(s, result.length - c)))
  while (result.length > c) result.splice(rng.below(result.length), 1)
  return result
}

describe('select', () => {
  it('does what the paper says: agrees with a simple model on random input', () => {
    const parameter = fc.integer({ min: 0, max: 12 })
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        peers,
        peers,
        parameter,
        parameter,
        fc.nat(),
        (c, before, buffer, h, s, seed) => {
          const view = viewOf('n0', c, before)
          const expected = dumbSelect('n0', c, view.entries(), buffer, h, s, createRng(seed))
          view.select(buffer, h, s, createRng(seed))
          expect(view.entries()).toEqual(expected)
        }
      ),
      { numRuns: 2000 }
    )
  })

  it('never stores the own address, a duplicate, or more than c entries', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        peers,
        peers,
        fc.nat(),
        (c, before, buffer, seed) => {
          const view = viewOf('n0', c, before)
          view.select(buffer, 3, 4, createRng(seed))
          const addresses = view.entries().map(({ address }) => address)
          expect(addresses).not.toContain('n0')
          expect(new Set(addresses).size).toBe(addresses.length)
          expect(addresses.length).toBeLessThanOrEqual(c)
        }
      )
    )
  })

  it('refreshes a duplicate in its place', () => {
    const view = viewOf('me', 3, [
      { address: 'a', age: 5 },
      { address: 'b', age: 5 }
    ])
    view.select(
      [
        { address: 'a', age: 2 },
        { address: 'b', age: 9 }
      ],
      0,
      0,
      createRng(1)
    )
    expect(view.entries()).toEqual([
      { address: 'a', age: 2 },
      { address: 'b', age: 5 }
    ])
  })

  it('crate flaw 11: removes what was sent, which stays at the head', () => {
    const view = viewOf(
      'me',
      6,
      ['a', 'b', 'c', 'd', 'e', 'f'].map((address) => ({ address, age: 1 }))
    )
    const sent = view.takeHead(3, 0, createRng(7), []).map(({ address }) => address)
    view.select(
      ['x', 'y', 'z'].map((address) => ({ address, age: 0 })),
      0,
      3,
      createRng(7)
    )
    const left = view.entries().map(({ address }) => address)
    expect(left.filter((address) => sent.includes(address))).toEqual([])
    expect(left).toHaveLength(6)
  })
})

describe('takeHead', () => {
  it('keeps the H oldest out of what is sent, unless the view is too short', () => {
    const entries = ['a', 'b', 'c', 'd'].map((address, age) => ({ address, age }))
    for (let seed = 0; seed < 50; seed++) {
      const head = viewOf('me', 4, entries).takeHead(2, 2, createRng(seed), [])
      expect(head.map(({ address }) => address).sort()).toEqual(['a', 'b'])
    }
    expect(viewOf('me', 4, entries).takeHead(4, 2, createRng(1), [])).toHaveLength(4)
  })

  it('is a random choice otherwise', () => {
    const entries = ['a', 'b', 'c', 'd'].map((address) => ({ address, age: 1 }))
    const heads = new Set<string>()
    for (let seed = 0; seed < 100; seed++)
      heads.add(viewOf('me', 4, entries).takeHead(1, 0, createRng(seed), [])[0]!.address)
    expect([...heads].sort()).toEqual(['a', 'b', 'c', 'd'])
  })
})

describe('take', () => {
  it('crate flaw 15: returns each new entry once, in the order they entered, then random ones', () => {
    const view = viewOf(
      'me',
      5,
      ['a', 'b', 'c'].map((address) => ({ address, age: 0 }))
    )
    const rng = createRng(3)
    expect([view.take([], rng), view.take([], rng)]).toEqual(['a', 'b'])
    view.takeHead(5, 0, rng, [])
    view.select([{ address: 'd', age: 0 }], 0, 0, rng)
    expect([view.take([], rng), view.take([], rng)]).toEqual(['c', 'd'])
    const later = new Set(Array.from({ length: 60 }, () => view.take([], rng)))
    expect([...later].sort()).toEqual(['a', 'b', 'c', 'd'])
  })

  it('never returns one twice in a round', () => {
    const view = viewOf(
      'me',
      5,
      ['a', 'b'].map((address) => ({ address, age: 0 }))
    )
    const rng = createRng(3)
    for (let round = 0; round < 20; round++) {
      const first = view.take([], rng)!
      expect(view.take([first], rng)).toBe(first === 'a' ? 'b' : 'a')
      expect(view.take(['a', 'b'], rng)).toBeUndefined()
    }
  })
})

it('the oldest entry is the oldest; ages stop at what fits the wire', () => {
  const view = viewOf('me', 3, [
    { address: 'a', age: 1 },
    { address: 'b', age: 65_535 },
    { address: 'c', age: 3 }
  ])
  expect(view.oldest(() => true)).toBe('b')
  view.increaseAge()
  expect(view.entries().map(({ age }) => age)).toEqual([2, 65_535, 4])
})
