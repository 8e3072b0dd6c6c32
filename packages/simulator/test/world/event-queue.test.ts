import fc from 'fast-check'
import { expect, it } from 'vitest'
import { EventQueue } from '../../src/world/event-queue.ts'

it('runs events in order of time, then of registration, also when events register others', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 9 }), { maxLength: 60 }), (times) => {
      const queue = new EventQueue()
      const happened: [number, number][] = []
      times.forEach((atMs, order) => queue.add(atMs, () => void happened.push([atMs, order])))
      while (queue.nextMs < Infinity) queue.take()()
      const sorted = times
        .map((atMs, order) => [atMs, order] as [number, number])
        .sort((a, b) => a[0] - b[0] || a[1] - b[1])
      expect(happened).toEqual(sorted)
    })
  )
})

it('never runs an event at Infinity, and refuses one at NaN', () => {
  const queue = new EventQueue()
  queue.add(Infinity, () => {})
  expect(queue.nextMs).toBe(Infinity)
  expect(() => queue.add(Number.NaN, () => {})).toThrow(RangeError)
})
