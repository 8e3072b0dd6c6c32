import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { Sweep } from '../src/sweep.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

/** A sweep with a period of 100 ms, and the times of its checks. */
function sweepOf(calmMs: () => number): { sweep: Sweep; checks: number[] } {
  const checks: number[] = []
  const startMs = performance.now()
  const sweep = new Sweep(100, (nowMs) => {
    checks.push(Math.round(nowMs - startMs))
    return calmMs()
  })
  return { sweep, checks }
}

test('checks once a period while anything is under way', () => {
  const { sweep, checks } = sweepOf(() => 0)
  vi.advanceTimersByTime(350)
  sweep.stop()
  vi.advanceTimersByTime(350)
  expect(checks).toEqual([100, 200, 300])
})

test('checks when something can be due, after four periods at most', () => {
  const calms = [250, Infinity, 0]
  const { sweep, checks } = sweepOf(() => calms.shift() ?? 0)
  vi.advanceTimersByTime(900)
  sweep.stop()
  expect(checks).toEqual([100, 350, 750, 850])
})

test('checks within a period when something has begun, and no sooner for being told often', () => {
  const { sweep, checks } = sweepOf(() => Infinity)
  vi.advanceTimersByTime(150)
  sweep.soon()
  vi.advanceTimersByTime(50)
  sweep.soon()
  vi.advanceTimersByTime(60)
  sweep.stop()
  expect(checks).toEqual([100, 250])
})

test('is not begun again by what begins after its end, nor by its last check', () => {
  const { sweep, checks } = sweepOf(() => (sweep.stop(), 0))
  vi.advanceTimersByTime(100)
  sweep.soon()
  vi.advanceTimersByTime(1000)
  expect(checks).toEqual([100])
})
