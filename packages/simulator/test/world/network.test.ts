import { describe, expect, it } from 'vitest'
import { rngFor } from '../../src/seeded-rng.ts'
import { Network, type NetworkOptions } from '../../src/world/network.ts'

const network = (options: NetworkOptions = {}): Network =>
  new Network({ delayMs: 10, ...options }, rngFor(1))
const many = (options: NetworkOptions): number[][] => {
  const some = network(options)
  return Array.from({ length: 4000 }, () => some.arrivals(0, 0, 1, 100))
}
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length

describe('delayMs', () => {
  it.each([
    ['constant', 10, 10, 10, 10],
    ['uniform', { least: 10, most: 50 }, 10, 50, 30],
    ['exponential', { least: 10, mean: 40 }, 10, 400, 40],
    ['of a pair', (from: number, to: number) => 100 * to + from, 100, 100, 100]
  ] as const)('%s', (_name, delayMs, least, most, average) => {
    const delays = many({ delayMs }).map(([atMs]) => atMs!)
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(least)
    expect(Math.max(...delays)).toBeLessThanOrEqual(most)
    expect(mean(delays)).toBeCloseTo(average, -0.5)
  })
})

it('loses, doubles and delays the configured shares', () => {
  expect(mean(many({ loss: 0.2 }).map((copies) => copies.length))).toBeCloseTo(0.8, 1)
  expect(mean(many({ duplicate: 0.3 }).map((copies) => copies.length))).toBeCloseTo(1.3, 1)
  const held = many({ reorder: 0.5, reorderMs: 100 }).map(([atMs]) => atMs!)
  expect(held.filter((atMs) => atMs > 10).length / held.length).toBeCloseTo(0.5, 1)
  expect(Math.max(...held)).toBeLessThanOrEqual(110)
})

it('a line sends one message after the other', () => {
  const slow = network({ bytesPerSecond: 1000 })
  expect([
    slow.arrivals(0, 0, 1, 500),
    slow.arrivals(0, 0, 2, 500),
    slow.arrivals(0, 3, 1, 500)
  ]).toEqual([[510], [1010], [510]])
  expect(slow.arrivals(2000, 0, 1, 500)).toEqual([2510])
})

it('partitions in both directions, cuts one direction, and heals', () => {
  const parted = network()
  parted.partition([[0, 1], [2]])
  expect([
    parted.isOpen(0, 1),
    parted.isOpen(0, 2),
    parted.isOpen(2, 1),
    parted.isOpen(3, 4)
  ]).toEqual([true, false, false, false])
  parted.heal()
  parted.cut([0], [1, 2])
  expect([parted.isOpen(0, 1), parted.isOpen(1, 0), parted.isOpen(1, 2)]).toEqual([
    false,
    true,
    true
  ])
  parted.heal()
  expect(parted.isOpen(0, 1)).toBe(true)
})
