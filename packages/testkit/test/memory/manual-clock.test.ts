import { describe, expect, test } from 'vitest'
import { manualClock } from '../../src/index.ts'

describe('manualClock', () => {
  test('starts where it is told and stands still', async () => {
    const clock = manualClock(500)
    expect(clock.now()).toBe(500)
    await clock.advance(0)
    expect(clock.now()).toBe(500)
  })

  test('fires wakes in order of time, then of registration, at their time', async () => {
    const clock = manualClock()
    const fired: [string, number][] = []
    for (const [name, atMs] of [
      ['c', 30],
      ['a', 10],
      ['b1', 20],
      ['b2', 20],
      ['b3', 20],
      ['late', 31]
    ] as const) {
      clock.wakeAt(atMs, () => fired.push([name, clock.now()]))
    }
    await clock.advance(30)
    expect(fired).toEqual([
      ['a', 10],
      ['b1', 20],
      ['b2', 20],
      ['b3', 20],
      ['c', 30]
    ])
    expect([clock.now(), clock.pendingWakes]).toEqual([30, 1])
  })

  test('fires what is registered on the way, also for a time gone by, never from inside wakeAt', async () => {
    const clock = manualClock(100)
    const fired: [string, number][] = []
    clock.wakeAt(110, () => {
      clock.wakeAt(120, () => fired.push(['within', clock.now()]))
      clock.wakeAt(50, () => fired.push(['past', clock.now()]))
      fired.push(['first', clock.now()])
    })
    await clock.advance(20)
    expect(fired).toEqual([
      ['first', 110],
      ['past', 110],
      ['within', 120]
    ])
  })

  test('lets long promise chains end between two wakes', async () => {
    const clock = manualClock()
    const fired: string[] = []
    const chain = async (): Promise<void> => {
      for (let link = 0; link < 1000; link++) await Promise.resolve()
      fired.push('end of the chain')
      clock.wakeAt(1, () => fired.push('set by the chain'))
    }
    clock.wakeAt(1, () => void chain())
    clock.wakeAt(2, () => fired.push('next'))
    await clock.advance(2)
    expect(fired).toEqual(['end of the chain', 'set by the chain', 'next'])
  })

  test('lets promises that are under way before it settle first', async () => {
    const clock = manualClock()
    let woken = false
    void (async () => {
      for (let link = 0; link < 100; link++) await Promise.resolve()
      clock.wakeAt(5, () => (woken = true))
    })()
    await clock.advance(5)
    expect(woken).toBe(true)
  })

  test('cancels, once or twice, before or after', async () => {
    const clock = manualClock()
    const fired: number[] = []
    const cancels = Array.from({ length: 50 }, (_, index) =>
      clock.wakeAt(index % 7, () => fired.push(index))
    )
    for (let index = 0; index < 50; index += 2) {
      cancels[index]!()
      cancels[index]!()
    }
    expect(clock.pendingWakes).toBe(25)
    await clock.advance(10)
    for (const cancel of cancels) cancel()
    expect(fired.toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: 25 }, (_, index) => 2 * index + 1)
    )
    expect(clock.pendingWakes).toBe(0)
  })

  test('a wake can cancel the next', async () => {
    const clock = manualClock()
    let fired = false
    clock.wakeAt(1, () => cancel())
    const cancel = clock.wakeAt(1, () => (fired = true))
    await clock.advance(5)
    expect(fired).toBe(false)
  })

  test('advances to a time, and not back', async () => {
    const clock = manualClock(10)
    await clock.advanceTo(40)
    expect(clock.now()).toBe(40)
    await expect(clock.advanceTo(39)).rejects.toThrow(RangeError)
    await expect(clock.advance(-1)).rejects.toThrow(RangeError)
    await expect(clock.advance(NaN)).rejects.toThrow(RangeError)
    expect(clock.now()).toBe(40)
  })

  test('takes advances at once in turns', async () => {
    const clock = manualClock()
    const fired: number[] = []
    for (const atMs of [5, 15, 25]) clock.wakeAt(atMs, () => fired.push(clock.now()))
    await Promise.all([clock.advance(10), clock.advance(10), clock.advance(10)])
    expect([fired, clock.now()]).toEqual([[5, 15, 25], 30])
  })

  test('rejects with what a wake throws, and goes on afterwards', async () => {
    const clock = manualClock()
    let fired = false
    clock.wakeAt(5, () => {
      throw new Error('oops')
    })
    clock.wakeAt(6, () => (fired = true))
    await expect(clock.advance(10)).rejects.toThrow('oops')
    expect([clock.now(), fired]).toEqual([5, false])
    await clock.advance(5)
    expect([clock.now(), fired]).toEqual([10, true])
  })
})
