import { expect, it } from 'vitest'
import { ComparisonBackoff } from '../../src/anti-entropy/comparison-backoff.ts'
import { differing, kinds } from './pair.ts'

it('equal fingerprints show that the peer has an update, even without symbols', () => {
  const pair = differing(100, 1)
  pair.fault = ({ kind, message }) => (kind === 'content-request' ? undefined : message)
  for (let round = 0; round < 8; round++) pair.round('a')
  expect(pair.unacknowledged('a')).toBe(1)
  pair.submit('b', 'of a 0')
  const sent = pair.round('a')
  expect(sent.map(({ message }) => 'count' in message && message.count)).toEqual([0, false])
  expect(pair.unacknowledged('a')).toBe(0)
})

it('rounds of fingerprints do not acknowledge updates that the peer lacks', () => {
  const pair = differing(100, 1)
  pair.fault = ({ kind, message }) => (kind === 'content-request' ? undefined : message)
  for (let round = 0; round < 8; round++) pair.round('a')
  const sent = pair.round('a')
  expect(kinds(sent)).toEqual(['sketch-request', 'sketch-response'])
  expect(pair.unacknowledged('a')).toBe(1)
})

it('delays no comparison once it has ended', () => {
  const backoff = new ComparisonBackoff(200)
  const [ours, theirs] = [new Uint8Array(16), new Uint8Array(16).fill(1)]
  backoff.started('peer', 0, ours, theirs)
  backoff.took('peer', 10_000)
  backoff.ended('peer', 3)
  expect([backoff.isEarly('peer', 100, ours), backoff.isUnchanged('peer', ours)]).toEqual([
    true,
    true
  ])
  backoff.end()
  expect([backoff.isEarly('peer', 100, ours), backoff.isUnchanged('peer', ours)]).toEqual([
    false,
    false
  ])
})

it('a comparison is early only while neither of the two sets has changed', () => {
  const backoff = new ComparisonBackoff(200)
  const [ours, theirs, other] = [0, 1, 2].map((byte) => new Uint8Array(16).fill(byte))
  backoff.started('peer', 0, ours!, theirs)
  backoff.took('peer', 10_000)
  backoff.ended('peer', 3)
  expect(backoff.isEarly('peer', 100, ours!, theirs)).toBe(true)
  expect(backoff.isEarly('peer', 100, ours!, other)).toBe(false)
  expect(backoff.isEarly('peer', 100, other!, theirs)).toBe(false)
  expect(backoff.isEarly('another', 100, ours!, theirs)).toBe(false)
})

it('a comparison that has not ended delays no other', () => {
  const backoff = new ComparisonBackoff(200)
  const [ours, theirs] = [new Uint8Array(16), new Uint8Array(16).fill(1)]
  backoff.started('peer', 0, ours, theirs)
  backoff.took('peer', 10_000)
  expect(backoff.isEarly('peer', 1, ours, theirs)).toBe(false)
})
