import { expect, it } from 'vitest'
import { NeverAnswered } from '../../src/sampling/never-answered.ts'

const DAY_MS = 24 * 3_600_000

it('holds addresses for a day since they failed last', () => {
  const shunned = new NeverAnswered()
  shunned.add('a', 0)
  shunned.add('b', 0)
  shunned.add('b', 1000)
  expect([shunned.has('a', DAY_MS - 1), shunned.has('c', 0)]).toEqual([true, false])
  expect([shunned.has('a', DAY_MS), shunned.has('b', DAY_MS)]).toEqual([false, true])
  shunned.delete('b')
  expect(shunned.has('b', DAY_MS)).toBe(false)
})

it('is bounded: of 4,097 the one that failed first is forgotten', () => {
  const shunned = new NeverAnswered()
  for (let n = 0; n <= 4096; n++) shunned.add(`${n}`, n)
  expect([shunned.has('0', 5000), shunned.has('1', 5000)]).toEqual([false, true])
})
