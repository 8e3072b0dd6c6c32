import { expect, it } from 'vitest'
import { BatchSize } from '../../src/fetch/batch-size.ts'
import { MESSAGE_COST } from '../../src/model/message.ts'

/** Learns from one answer with contents of `bytes` each, overhead included. */
function sizeAfter(bytes: number): BatchSize {
  const size = new BatchSize(100, 10_000)
  size.learn(4, 4 * (bytes - MESSAGE_COST.contentBytes))
  return size
}

it('a request names as many contents as are allowed until the first answer', () => {
  expect(new BatchSize(100, 10_000).contents).toBe(100)
})

it('a request names twice what one answer carries, between four and the most', () => {
  expect(sizeAfter(500).contents).toBe(40)
  expect(sizeAfter(20).contents).toBe(100)
  expect(sizeAfter(50_000).contents).toBe(4)
})

it('an answer is expected to have the bytes of the contents, as far as one answer carries them', () => {
  expect(sizeAfter(500).expectedBytes(3)).toBe(1500)
  expect(sizeAfter(500).expectedBytes(40)).toBe(10_000)
  expect(sizeAfter(50_000).expectedBytes(4)).toBe(50_000)
})

it('the mean size follows later answers slowly', () => {
  const size = sizeAfter(500)
  size.learn(1, 1300 - MESSAGE_COST.contentBytes)
  expect(size.expectedBytes(1)).toBe(600)
})
