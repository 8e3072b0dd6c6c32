import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AgeQueue } from '../../src/store/age-queue.ts'

interface Item {
  readonly submittedAtMs: number
  readonly serial: number
}

function queue(): { held: Set<Item>; queue: AgeQueue<Item>; add: (submittedAtMs: number) => Item } {
  const held = new Set<Item>()
  const items = new AgeQueue<Item>((item) => held.has(item))
  let serial = 0
  const add = (submittedAtMs: number): Item => {
    const item = { submittedAtMs, serial: serial++ }
    held.add(item)
    items.add(item)
    return item
  }
  return { held, queue: items, add }
}

/** Takes out what is held, the oldest first. */
function drain({ held, queue: items }: ReturnType<typeof queue>): Item[] {
  const order: Item[] = []
  for (let oldest = items.oldest(); oldest !== undefined; oldest = items.oldest()) {
    order.push(oldest)
    held.delete(oldest)
    items.removed()
  }
  return order
}

describe('the oldest', () => {
  it('is undefined in an empty queue', () => {
    expect(queue().queue.oldest()).toBeUndefined()
  })

  it('may have been added last', () => {
    const all = queue()
    for (const submittedAtMs of [30, 20, 40, -10, 35]) all.add(submittedAtMs)
    expect(drain(all).map(({ submittedAtMs }) => submittedAtMs)).toEqual([-10, 20, 30, 35, 40])
  })

  it('of equal age is the one that was added first', () => {
    const all = queue()
    const items = [5, 5, 3, 5, 3, 5].map(all.add)
    expect(drain(all)).toEqual([2, 4, 0, 1, 3, 5].map((n) => items[n]))
  })

  it('is never a removed one', () => {
    const all = queue()
    const [first, , third] = [1, 2, 3].map(all.add)
    for (const item of [first!, third!]) {
      all.held.delete(item)
      all.queue.removed()
    }
    expect(drain(all).map(({ submittedAtMs }) => submittedAtMs)).toEqual([2])
  })
})

it('removed items are swept out once they are more than half', () => {
  let calls = 0
  const held = new Set<Item>()
  const items = new AgeQueue<Item>((item) => (calls++, held.has(item)))
  const all = Array.from({ length: 5000 }, (_, serial) => ({
    submittedAtMs: (serial * 1777) % 5000,
    serial
  }))
  for (const item of all) {
    held.add(item)
    items.add(item)
  }
  // Nothing reads the oldest meanwhile, so none is removed at the top.
  for (const item of all.filter(({ submittedAtMs }) => submittedAtMs % 5 > 1)) {
    held.delete(item)
    items.removed()
  }
  expect(calls).toBeGreaterThanOrEqual(5000)
  expect(calls).toBeLessThan(10_000)
  calls = 0
  const order: number[] = []
  for (let oldest = items.oldest(); oldest !== undefined; oldest = items.oldest()) {
    order.push(oldest.submittedAtMs)
    held.delete(oldest)
    items.removed()
  }
  expect(order).toEqual(Array.from({ length: 5000 }, (_, n) => n).filter((n) => n % 5 <= 1))
})

it('agrees with a model that sorts every time', () => {
  const steps = fc.array(fc.oneof(fc.nat(50), fc.constant(undefined)), { maxLength: 200 })
  fc.assert(
    fc.property(steps, (list) => {
      const all = queue()
      for (const step of list) {
        if (step !== undefined) all.add(step)
        const [oldest] = [...all.held].sort(
          (a, b) => a.submittedAtMs - b.submittedAtMs || a.serial - b.serial
        )
        expect(all.queue.oldest()).toBe(oldest)
        if (step === undefined && oldest !== undefined) {
          all.held.delete(oldest)
          all.queue.removed()
        }
      }
    })
  )
})
