import { expect, it } from 'vitest'
import { RoundTrip } from '../../src/model/round-trip.ts'

it('waits the longest until the first answer, then as long as answers take', () => {
  const trip = new RoundTrip(3000)
  expect(trip.timeoutMs).toBe(3000)
  trip.answered(200)
  expect(trip.timeoutMs).toBe(600)
  for (let n = 0; n < 50; n++) trip.answered(400)
  expect(trip.timeoutMs).toBeGreaterThan(400)
  expect(trip.timeoutMs).toBeLessThan(500)
  for (let n = 0; n < 50; n++) trip.answered(1)
  expect(trip.timeoutMs).toBe(250)
})

it('waits longer where answers vary', () => {
  const [even, uneven] = [new RoundTrip(3000), new RoundTrip(3000)]
  for (let n = 0; n < 50; n++) {
    even.answered(300)
    uneven.answered(n % 2 === 0 ? 100 : 500)
  }
  expect(uneven.timeoutMs).toBeGreaterThan(2 * even.timeoutMs)
})

it('follows a path that is always slower than the longest, up to four times that', () => {
  const trip = new RoundTrip(3000)
  trip.learn(5000)
  expect(trip.timeoutMs).toBe(7500)
  trip.learn(60_000)
  expect(trip.timeoutMs).toBe(12_000)
  const once = new RoundTrip(3000)
  for (let n = 0; n < 20; n++) once.answered(100)
  once.learn(5000)
  expect(once.timeoutMs).toBe(3000)
})

it('doubles with each timeout up to the longest, and is reset by an answer', () => {
  const trip = new RoundTrip(3000)
  trip.lapsed()
  expect(trip.timeoutMs).toBe(3000)
  for (let n = 0; n < 20; n++) trip.answered(10)
  const waits = Array.from({ length: 6 }, () => {
    trip.lapsed()
    return trip.timeoutMs
  })
  expect(waits).toEqual([500, 1000, 2000, 3000, 3000, 3000])
  trip.answered(10)
  expect(trip.timeoutMs).toBe(250)
  trip.lapsed()
  trip.arrived()
  expect(trip.timeoutMs).toBe(250)
})
