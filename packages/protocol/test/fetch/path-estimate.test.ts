import { expect, it } from 'vitest'
import { PathEstimate } from '../../src/fetch/path-estimate.ts'

it('allows for the requested bytes, at the rate of earlier answers', () => {
  const path = new PathEstimate(3000)
  expect(path.timeoutMs(1_000_000)).toBe(3000)
  for (let n = 0; n < 30; n++) path.answered(1000, 100_000, false)
  expect(path.timeoutMs(1000)).toBeLessThan(300)
  expect(path.timeoutMs(200_000)).toBeGreaterThan(2000)
  expect(path.timeoutMs(200_000)).toBeLessThan(2500)
})

it('waits for four timeouts at most', () => {
  const path = new PathEstimate(3000)
  path.answered(60_000, 20_000, true)
  expect(path.timeoutMs(1e9)).toBe(12_000)
})

it('doubles twice, and keeps that until an answer comes in time', () => {
  const path = new PathEstimate(3000)
  path.answered(10, 100, false)
  const waits = Array.from({ length: 3 }, () => {
    path.lapsed()
    return path.timeoutMs(0)
  })
  expect(waits).toEqual([500, 1000, 1000])
  path.answered(10, 100, true)
  expect(path.timeoutMs(0)).toBe(1000)
  path.answered(10, 100, false)
  expect(path.timeoutMs(0)).toBe(250)
})

it('takes the first rate as it is, before it smooths', () => {
  const path = new PathEstimate(3000)
  path.answered(2000, 100_000, false)
  const one = path.timeoutMs(100_000) - path.timeoutMs(0)
  expect(one).toBe(2000)
})
