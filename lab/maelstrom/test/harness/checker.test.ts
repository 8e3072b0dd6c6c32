import { describe, expect, it } from 'vitest'
import { check, type Read } from '../../src/harness/checker.ts'

const add = (value: number, ackedMs?: number) => ({ value, invokedMs: 0, ackedMs })
const read = (invokedMs: number, ...values: number[]): Read => ({
  invokedMs,
  completedMs: invokedMs + 1,
  values
})

describe('a value', () => {
  it('is stable from the last read that misses it', () => {
    expect(check([add(1, 10)], [read(5), read(20), read(30, 1), read(40, 1)])).toMatchObject({
      lost: [],
      stable: 1,
      stale: 1,
      stableLatenciesMs: [10]
    })
    expect(check([add(1, 10)], [read(5), read(20, 1)])).toMatchObject({
      stable: 1,
      stale: 0,
      stableLatenciesMs: [0]
    })
  })

  it('is lost when it was known and the last reads miss it', () => {
    expect(check([add(1, 10)], [read(20, 1), read(30)]).lost).toEqual([1])
    expect(check([add(1, 10)], [read(20)]).lost).toEqual([1])
  })

  it('is known by a read too, if its add was not acknowledged', () => {
    expect(check([add(1)], [read(20, 1), read(30)]).lost).toEqual([1])
    expect(check([add(1)], [read(20)])).toMatchObject({ lost: [], neverRead: [1], stable: 0 })
  })

  it('that comes twice in one read is a duplicate', () => {
    expect(check([add(1, 10), add(2, 10)], [read(20, 1, 2, 1)]).duplicated).toEqual([1])
  })
})
