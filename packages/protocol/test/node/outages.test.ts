import { expect, it } from 'vitest'
import { Outages } from '../../src/node/outages.ts'

it('an outage is reported once for each code, and again after it has ended', () => {
  const outages = new Outages()
  expect([
    outages.failed('a', 'UNREACHABLE'),
    outages.failed('a', 'UNREACHABLE'),
    outages.failed('b', 'UNREACHABLE'),
    outages.failed('a', 'PROTOCOL_MISMATCH'),
    outages.failed('a', 'UNREACHABLE')
  ]).toEqual([true, false, true, true, false])
  outages.sent('a')
  expect(outages.received('a')).toBe(true)
  expect([outages.received('a'), outages.sent('a')]).toEqual([false, false])
  expect(outages.failed('a', 'UNREACHABLE')).toBe(true)
})

it('ends when messages pass both ways, in any order, without a failure in between', () => {
  const outages = new Outages()
  outages.failed('a', 'UNREACHABLE')
  expect([outages.sent('a'), outages.sent('a'), outages.received('a')]).toEqual([
    false,
    false,
    true
  ])
  outages.failed('a', 'UNREACHABLE')
  for (let n = 0; n < 10; n++) {
    expect(outages.received('a')).toBe(false)
    expect(outages.failed('a', 'UNREACHABLE')).toBe(false)
  }
  expect([outages.received('a'), outages.sent('a')]).toEqual([false, true])
})

it('are tracked for 1,024 peers, those that failed last', () => {
  const outages = new Outages()
  for (let n = 0; n < 2000; n++) outages.failed(`peer${n}`, 'UNREACHABLE')
  expect(outages.failed('peer1999', 'UNREACHABLE')).toBe(false)
  expect(outages.failed('peer976', 'UNREACHABLE')).toBe(false)
  expect(outages.failed('peer975', 'UNREACHABLE')).toBe(true)
})
