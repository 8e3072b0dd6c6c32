import { expect, it } from 'vitest'
import { Missed } from '../../src/dissemination/missed.ts'
import { digestKey, type DigestKey } from '../../src/update.ts'

const TIMEOUT_MS = 3000
const LOST_MS = 40 * TIMEOUT_MS

function keyOf(n: number): DigestKey {
  const digest = new Uint8Array(32)
  new DataView(digest.buffer).setUint32(0, n)
  return digestKey(digest, 0)
}

it('what nobody offers for two minutes is lost, once', () => {
  const missed = new Missed(TIMEOUT_MS)
  missed.add(keyOf(1), 0)
  missed.add(keyOf(2), 0)
  missed.add(keyOf(3), 0)
  missed.offered(keyOf(2), 10)
  missed.delete(keyOf(3))
  missed.offered(keyOf(4), 10)
  expect(missed.takeLost(LOST_MS - 1)).toBe(0)
  expect(missed.takeLost(LOST_MS)).toBe(1)
  expect(missed.takeLost(LOST_MS + 9)).toBe(0)
  expect([missed.takeLost(LOST_MS + 10), missed.size]).toEqual([1, 0])
})

it('takes bounded memory: beyond it, what was offered longest ago counts as lost', () => {
  const missed = new Missed(TIMEOUT_MS)
  for (let n = 0; n < 100_000; n++) missed.add(keyOf(n), 0)
  missed.add(keyOf(0), 1)
  missed.add(keyOf(100_000), 1)
  expect([missed.size, missed.takeLost(2), missed.takeLost(2)]).toEqual([100_000, 1, 0])
  expect(missed.takeLost(LOST_MS)).toBe(99_998)
})
