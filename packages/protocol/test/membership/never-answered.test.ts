import { expect, it } from 'vitest'
import { NeverAnswered } from '../../src/membership/never-answered.ts'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS

it('holds an address for a minute, and four times as long each time, up to a day', () => {
  const shunned = new NeverAnswered()
  const pauses: number[] = []
  let nowMs = 0
  for (let time = 0; time < 8; time++) {
    shunned.add('a', nowMs)
    const sinceMs = nowMs
    while (shunned.has('a', nowMs)) nowMs += MINUTE_MS
    pauses.push((nowMs - sinceMs) / MINUTE_MS)
  }
  expect(pauses).toEqual([1, 4, 16, 64, 256, 1024, 1440, 1440])
  shunned.add('a', nowMs)
  shunned.delete('a')
  expect(shunned.has('a', nowMs)).toBe(false)
})

it('returns them in turn for a node that has no others to try', () => {
  const shunned = new NeverAnswered()
  for (const address of ['a', 'b', 'c']) shunned.add(address, 0)
  expect([shunned.next(2), shunned.next(2), shunned.next(0)]).toEqual([['a', 'b'], ['c', 'a'], []])
})

it('is bounded: of 4,097 the one that failed first is forgotten', () => {
  const shunned = new NeverAnswered()
  for (let n = 0; n <= 4096; n++) shunned.add(`${n}`, n)
  expect([shunned.has('0', 5000), shunned.has('1', 5000)]).toEqual([false, true])
  expect(shunned.has('1', DAY_MS)).toBe(false)
})
