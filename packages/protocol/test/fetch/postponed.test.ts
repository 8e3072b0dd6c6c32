import { describe, expect, it } from 'vitest'
import { Postponed } from '../../src/fetch/postponed.ts'
import { digestKey, type DigestKey } from '../../src/model/update.ts'

const FIRST_MS = 1000
const HOUR_MS = 3_600_000

function keyOf(n: number): DigestKey {
  const digest = new Uint8Array(32)
  new DataView(digest.buffer).setUint32(0, n)
  return digestKey(digest, 0)
}

describe('postponed updates', () => {
  it('are ignored for intervals that double', () => {
    const postponed = new Postponed(FIRST_MS)
    let nowMs = 0
    for (const waitMs of [1000, 2000, 4000, 8000, 16_000, 32_000, 64_000]) {
      expect(postponed.add(keyOf(1), nowMs)).toBe(false)
      expect(postponed.holds(keyOf(1), 'a', nowMs + waitMs - 1)).toBe(true)
      expect(postponed.holds(keyOf(1), 'a', nowMs + waitMs)).toBe(false)
      nowMs += waitMs
    }
  })

  it('from one peer are ignored only from that peer, until the interval is over', () => {
    const postponed = new Postponed(FIRST_MS)
    expect(postponed.addFrom(keyOf(1), 'a', 0)).toBe(false)
    expect(postponed.holds(keyOf(1), 'a', 999)).toBe(true)
    expect(postponed.holds(keyOf(1), 'b', 999)).toBe(false)
    expect(postponed.holds(keyOf(1), 'a', 1000)).toBe(false)
    expect([postponed.size, postponed.has(keyOf(1)), postponed.has(keyOf(2))]).toEqual([
      1,
      true,
      false
    ])
  })

  it('are given up once, after eight tries, and then tried in an hour', () => {
    const postponed = new Postponed(FIRST_MS)
    const tries = Array.from({ length: 10 }, (_, n) => postponed.add(keyOf(1), n * HOUR_MS))
    expect(tries).toEqual([...Array(7).fill(false), true, false, false])
    const lastMs = 9 * HOUR_MS
    expect(postponed.holds(keyOf(1), 'a', lastMs + HOUR_MS - 1)).toBe(true)
    expect(postponed.holds(keyOf(1), 'a', lastMs + HOUR_MS)).toBe(false)
  })

  it('never wait longer than an hour', () => {
    const postponed = new Postponed(HOUR_MS / 2)
    for (let n = 0; n < 4; n++) postponed.add(keyOf(1), 0)
    expect(postponed.holds(keyOf(1), 'a', HOUR_MS)).toBe(false)
  })

  it('that can never be accepted are given up at once', () => {
    const postponed = new Postponed(FIRST_MS)
    expect(postponed.giveUp(keyOf(1), 0)).toBe(true)
    expect(postponed.holds(keyOf(1), 'a', HOUR_MS - 1)).toBe(true)
    expect(postponed.giveUp(keyOf(1), HOUR_MS)).toBe(false)
  })

  it('that were accepted are forgotten', () => {
    const postponed = new Postponed(FIRST_MS)
    postponed.add(keyOf(1), 0)
    postponed.delete(keyOf(1))
    expect([postponed.size, postponed.holds(keyOf(1), 'a', 0)]).toEqual([0, false])
  })

  it('too old by the age of one peer are accepted from others', () => {
    const postponed = new Postponed(FIRST_MS)
    postponed.addFrom(keyOf(1), 'a', 0)
    expect(['a', 'b'].map((peer) => postponed.holds(keyOf(1), peer, 1))).toEqual([true, false])
    postponed.addFrom(keyOf(1), 'b', 1)
    expect(['a', 'b', 'c'].map((peer) => postponed.holds(keyOf(1), peer, 2))).toEqual([
      true,
      true,
      false
    ])
    postponed.add(keyOf(1), 2)
    expect(postponed.holds(keyOf(1), 'c', 3)).toBe(true)
  })

  it('too old by the ages of many peers are postponed from all', () => {
    const postponed = new Postponed(FIRST_MS)
    for (let n = 0; n < 16; n++) postponed.addFrom(keyOf(1), `${n}`, 0)
    expect(postponed.holds(keyOf(1), 'one more', 1)).toBe(false)
    postponed.addFrom(keyOf(1), 'one more', 1)
    expect(postponed.holds(keyOf(1), 'and another', 2)).toBe(true)
  })

  it('take bounded memory: the one tried longest ago is forgotten', () => {
    const postponed = new Postponed(FIRST_MS)
    for (let n = 0; n < 100_000; n++) postponed.add(keyOf(n), 0)
    postponed.add(keyOf(0), 1)
    postponed.add(keyOf(100_000), 2)
    expect(postponed.size).toBe(100_000)
    expect([0, 1, 2].map((n) => postponed.holds(keyOf(n), 'a', 3))).toEqual([true, false, true])
  })

  it('take bounded memory for single peers, too', () => {
    const postponed = new Postponed(FIRST_MS)
    for (let n = 0; n < 4096; n++) postponed.addFrom(keyOf(n), 'a', 0)
    postponed.addFrom(keyOf(0), 'b', 1)
    postponed.addFrom(keyOf(4096), 'a', 2)
    expect(postponed.size).toBe(4096)
    expect([0, 1, 2].map((n) => postponed.holds(keyOf(n), 'a', 3))).toEqual([true, false, true])
  })
})
