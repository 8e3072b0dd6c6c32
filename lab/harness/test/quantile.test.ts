import { expect, it } from 'vitest'
import { median, quantile } from '../src/quantile.ts'

it('is the value that a share does not exceed, in any order', () => {
  const values = [30, 10, 40, 20]
  expect([0, 0.5, 0.75, 0.99, 1].map((share) => quantile(values, share))).toEqual([
    10, 30, 40, 40, 40
  ])
  expect(values).toEqual([30, 10, 40, 20])
})

it('orders numbers as numbers', () => {
  expect(median([9, 100, 20])).toBe(20)
  expect(quantile([1, Infinity, 2], 1)).toBe(Infinity)
})

it('is no number without values', () => {
  expect(median([])).toBeNaN()
})
