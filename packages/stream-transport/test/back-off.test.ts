import { createRng } from '@rumormill/protocol/plugin'
import { describe, expect, test } from 'vitest'
import { BackOff } from '../src/back-off.ts'

const cause = new Error('refused')

function backOff(backOffAddresses = 10): BackOff {
  return new BackOff({
    firstBackOffMs: 100,
    longestBackOffMs: 5000,
    backOffAddresses,
    rng: createRng(1)
  })
}

describe('back-off', () => {
  test('doubles from half of the first pause up to the longest', () => {
    const back = backOff()
    for (let count = 1; count < 50; count++) {
      back.failed('a', 1000, cause)
      const full = Math.min(5000, 100 * 2 ** (count - 1))
      const { waitMs } = back.pause('a', 1000)!
      expect(waitMs).toBeGreaterThanOrEqual(full / 2)
      expect(waitMs).toBeLessThanOrEqual(full)
      expect(back.pause('a', 1000 + waitMs)).toBeUndefined()
    }
  })

  test('is short for an address that was lost less than five minutes ago', () => {
    const back = backOff(3)
    back.lost('a', 0)
    for (let count = 1; count < 20; count++) back.failed('a', 60_000, cause)
    expect(back.pause('a', 60_000)!.waitMs).toBeLessThanOrEqual(1000)
    expect([back.isReturning('a', 299_999), back.isReturning('a', 300_000)]).toEqual([true, false])
    back.failed('a', 300_000, cause)
    expect(back.pause('a', 300_000)!.waitMs).toBeGreaterThan(2000)
    // Of as many as failures are remembered of.
    for (const address of ['b', 'c', 'd']) back.lost(address, 1)
    expect([back.isReturning('a', 2), back.isReturning('b', 2)]).toEqual([false, true])
  })

  test('a success resets the failures', () => {
    const back = backOff()
    back.failed('a', 0, cause)
    back.succeeded('a')
    expect(back.pause('a', 1)).toBeUndefined()
  })

  test('remembers a bounded number of addresses, the latest ones', () => {
    const back = backOff(2)
    for (const address of ['a', 'b', 'a', 'c']) back.failed(address, 0, cause)
    expect(['a', 'b', 'c'].map((address) => back.pause(address, 1) !== undefined)).toEqual([
      true,
      false,
      true
    ])
  })
})
