import { GossipError } from '@rumormill/protocol/plugin'
import { expect, test } from 'vitest'
import { Bursts } from '../src/bursts.ts'

const full = (n: number): GossipError => new GossipError('OVERLOADED', `no room for ${n}`)

test('the first error of a burst is reported at once, and a count each second', () => {
  const bursts = new Bursts()
  const told: string[] = []
  for (let nowMs = 0; nowMs < 2500; nowMs++) {
    const first = bursts.first(full(nowMs), nowMs)
    if (first !== undefined) told.push(`${nowMs}: ${first.message}`)
    for (const { message } of bursts.over(nowMs)) told.push(`${nowMs}: ${message}`)
  }
  expect(told).toEqual([
    '0: OVERLOADED: no room for 0',
    '1000: OVERLOADED: no room for 1000 (1000 like it since the last)',
    '2000: OVERLOADED: no room for 2000 (1000 like it since the last)'
  ])
})

test('an error after a quiet second is reported at once again; codes are separate', () => {
  const bursts = new Bursts()
  expect(bursts.first(full(1), 0)).toBeDefined()
  expect(bursts.first(new GossipError('TIMED_OUT', 'late'), 1)).toBeDefined()
  expect(bursts.over(1500)).toEqual([])
  expect(bursts.first(full(2), 1600)).toBeDefined()
})
