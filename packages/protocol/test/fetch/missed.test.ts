import { expect, it } from 'vitest'
import { Missed } from '../../src/fetch/missed.ts'
import { digestKey, type DigestKey } from '../../src/model/update.ts'

const TIMEOUT_MS = 3000
const LOST_MS = 40 * TIMEOUT_MS

function keyOf(n: number): DigestKey {
  const digest = new Uint8Array(32)
  new DataView(digest.buffer).setUint32(0, n)
  return digestKey(digest, 0)
}

function answerInFull(missed: Missed, peer: string, times: number = 2): void {
  for (let n = 0; n < times; n++) missed.fullAnswer(peer)
}

it('an update missing from two full answers of its peer is lost after two minutes, and reported once', () => {
  const missed = new Missed(TIMEOUT_MS)
  for (const n of [1, 2, 3]) missed.add(keyOf(n), 'b', 0)
  answerInFull(missed, 'b')
  missed.offered(keyOf(2), 'b', 10)
  missed.delete(keyOf(3))
  missed.offered(keyOf(4), 'b', 10)
  expect(missed.takeLost(LOST_MS - 1)).toBe(0)
  expect(missed.takeLost(2 * LOST_MS)).toBe(1)
  answerInFull(missed, 'b')
  expect([missed.takeLost(3 * LOST_MS), missed.size]).toEqual([1, 0])
  missed.add(keyOf(1), 'b', 3 * LOST_MS)
  answerInFull(missed, 'b')
  expect([missed.size, missed.takeLost(9 * LOST_MS)]).toEqual([0, 0])
  // It has arrived, so a later loss is reported again.
  missed.delete(keyOf(1))
  missed.add(keyOf(1), 'b', 9 * LOST_MS)
  answerInFull(missed, 'b')
  expect(missed.takeLost(10 * LOST_MS + 1)).toBe(1)
})

it('is not lost for an hour while its peer does not answer, as when it is cut off', () => {
  const missed = new Missed(TIMEOUT_MS)
  missed.add(keyOf(1), 'b', 0)
  missed.fullAnswer('b')
  answerInFull(missed, 'c', 31)
  expect(missed.takeLost(3_500_000)).toBe(0)
  answerInFull(missed, 'c', 1)
  expect(missed.takeLost(3_700_000)).toBe(1)
  const silent = new Missed(TIMEOUT_MS)
  silent.add(keyOf(1), 'b', 0)
  expect(silent.takeLost(86_400_000)).toBe(0)
})

it('an update that is given up is reported once', () => {
  const missed = new Missed(TIMEOUT_MS)
  missed.add(keyOf(1), 'b', 0)
  expect([missed.markReported(keyOf(1)), missed.markReported(keyOf(1)), missed.size]).toEqual([
    true,
    false,
    0
  ])
})

it('takes bounded memory: beyond it, what was offered longest ago counts as lost', () => {
  const missed = new Missed(TIMEOUT_MS)
  for (let n = 0; n < 100_000; n++) missed.add(keyOf(n), 'b', 0)
  missed.add(keyOf(0), 'b', 1)
  missed.add(keyOf(100_000), 'b', 1)
  expect([missed.size, missed.takeLost(2), missed.takeLost(LOST_MS / 2)]).toEqual([100_000, 1, 0])
  for (let peer = 0; peer < 2000; peer++) missed.fullAnswer(`peer${peer}`)
  answerInFull(missed, 'b')
  expect(missed.takeLost(2 * LOST_MS)).toBe(100_000)
  // As many are remembered as reported, too.
  for (let n = 200_000; n < 300_000; n++) missed.markReported(keyOf(n))
  missed.add(keyOf(1), 'b', 2 * LOST_MS)
  expect(missed.size).toBe(1)
})
