import { expect, it } from 'vitest'
import { PendingRequests } from '../../src/fetch/pending-requests.ts'
import { digestKey, type DigestKey } from '../../src/model/update.ts'

const LIMITS = { maxRequests: 64, maxRequestsPerPeer: 32, maxBatchBytes: 10_000, timeoutMs: 3000 }

function key(n: number): DigestKey {
  const bytes = new Uint8Array(32)
  new DataView(bytes.buffer).setUint32(0, n)
  return digestKey(bytes, 0)
}

const keys = (from: number, count: number): DigestKey[] =>
  Array.from({ length: count }, (_, n) => key(from + n))

/** Answers for `peer` at `nowMs` with these contents, of 100 bytes each. */
function answer(pending: PendingRequests, peer: string, nowMs: number, brought: DigestKey[]) {
  let isUseful = false
  for (const each of brought) isUseful = pending.take(each, peer) || isUseful
  const { length } = brought
  return pending.answered(
    peer,
    { contents: length, bytes: 100 * length, isUseful, isForged: false },
    nowMs
  )
}

/** Requests one content from `peer` at `nowMs`, and answers after `afterMs`. */
function serve(
  pending: PendingRequests,
  peer: string,
  content: DigestKey,
  nowMs: number,
  afterMs = 10
) {
  pending.enqueue(content, peer)
  pending.open(peer, nowMs)
  answer(pending, peer, nowMs + afterMs, [content])
}

it('a new peer has a few slots, and more with each content that it serves', () => {
  const pending = new PendingRequests(LIMITS)
  expect(pending.freeSlots('b')).toBe(8)
  serve(pending, 'b', key(1), 0)
  expect(pending.freeSlots('b')).toBe(12)
  for (let n = 2; n < 20; n++) serve(pending, 'b', key(n), 100 * n)
  expect(pending.freeSlots('b')).toBe(32)
})

it('new peers together have half of all slots, and fewer each after a timeout', () => {
  const pending = new PendingRequests(LIMITS)
  for (let peer = 0; peer < 4; peer++) {
    for (const each of keys(100 * peer, 8)) pending.enqueue(each, `b${peer}`)
    pending.open(`b${peer}`, 0)
  }
  expect(pending.freeSlots('c')).toBe(0)
  for (const peer of pending.lapsed(3000)) pending.lapse(peer, 3000)
  expect([pending.freeSlots('b0'), pending.freeSlots('c')]).toEqual([4, 8])
})

it('an offer above the share is noted, bounded for each peer and in all, and requested when the share grows', () => {
  const pending = new PendingRequests(LIMITS)
  for (const each of keys(0, 8)) pending.enqueue(each, 'b')
  const noted = (from: number, peer: string): number =>
    keys(from, 100).filter((each) => pending.note(each, peer, 0)).length
  pending.open('b', 0)
  expect(noted(1000, 'b')).toBe(24)
  // Half of all is what peers that have served nothing may have noted together.
  expect(noted(2000, 'c')).toBe(8)
  answer(pending, 'b', 10, keys(0, 8))
  expect(pending.takeNoted('b')).toHaveLength(24)
})

it('at most three others that offered the same are remembered', () => {
  const pending = new PendingRequests(LIMITS)
  pending.enqueue(key(1), 'b')
  for (const peer of ['c', 'd', 'e', 'f']) pending.alsoOffered(key(1), peer, 0)
  const requested: string[] = []
  for (let peer = 'b'; ;) {
    expect(pending.open(peer, 0)).toHaveLength(1)
    requested.push(peer)
    const { affected, lost } = pending.failed(peer, 0)
    if (lost > 0) break
    peer = affected[1]!
  }
  expect(requested).toEqual(['b', 'c', 'd', 'e'])
})

it('of digests that were given up, the last 16,384 are remembered: their contents are welcome', () => {
  const pending = new PendingRequests(LIMITS)
  for (let n = 0; n <= 16_384; n++) {
    pending.enqueue(key(n), 'b')
    pending.failed('b', 0)
  }
  expect([pending.take(key(0)), pending.take(key(1)), pending.take(key(16_384))]).toEqual([
    false,
    true,
    true
  ])
})

it('the last 512 idle peers are kept, and new peers do not evict those that have served', () => {
  const pending = new PendingRequests(LIMITS)
  serve(pending, 'served', key(0), 0)
  for (let n = 0; n < 513; n++) {
    pending.enqueue(key(1), `b${n}`)
    pending.open(`b${n}`, 0)
    pending.failed(`b${n}`, 0)
  }
  expect(
    ['b0', 'b1', 'b512', 'served'].map((peer) => pending.of(peer)?.mayAnswer(1) === true)
  ).toEqual([false, true, true, true])
})

it('after a timeout requested contents are requested again or from others, and queued ones next', () => {
  const pending = new PendingRequests({ ...LIMITS, maxBatchBytes: 100 })
  serve(pending, 'b', key(0), 0)
  for (const each of keys(1, 6)) pending.enqueue(each, 'b')
  expect(pending.open('b', 100)).toHaveLength(4)
  pending.alsoOffered(key(5), 'c', 100)
  pending.alsoOffered(key(1), 'c', 100)
  expect(pending.lapse('b', 400)).toMatchObject({ affected: ['b', 'c'], lost: 0 })
  expect(pending.open('c', 400)).toEqual([key(1), key(5)])
  // It has served, so contents that only it has are requested from it again, twice.
  expect(pending.open('b', 400)).toEqual([key(2), key(3), key(4), key(6)])
  expect(pending.lapse('b', 1000).lost).toBe(0)
  pending.open('b', 1000)
  expect(pending.lapse('b', 2000).lost).toBe(3)
})

it('a peer that offers what is queued for an unanswering one is asked instead', () => {
  const pending = new PendingRequests({ ...LIMITS, maxBatchBytes: 100 })
  serve(pending, 'b', key(0), 0)
  for (const each of keys(1, 5)) pending.enqueue(each, 'b')
  pending.open('b', 100)
  pending.alsoOffered(key(5), 'c', 100)
  expect(pending.open('c', 100)).toEqual([])
  pending.lapse('b', 400)
  pending.alsoOffered(key(2), 'd', 500)
  expect(pending.open('d', 500)).toEqual([key(2)])
})

it('timeouts follow the path of each peer, and late answers are learnt from', () => {
  const pending = new PendingRequests(LIMITS)
  serve(pending, 'quick', key(0), 0)
  pending.enqueue(key(1), 'quick')
  pending.open('quick', 100)
  expect(pending.dueMs).toBe(350)
  serve(pending, 'slow', key(2), 100, 2000)
  pending.lapse('quick', 350)
  pending.enqueue(key(3), 'quick')
  // The answer to the request that lapsed comes after two seconds.
  answer(pending, 'quick', 2100, [key(1)])
  pending.open('quick', 2200)
  expect(pending.lapsed(3000)).toEqual([])
  expect(pending.dueMs).toBeGreaterThan(3200)
})

it('a duplicate of an earlier answer does not end the open request', () => {
  const pending = new PendingRequests(LIMITS)
  serve(pending, 'b', key(0), 0)
  pending.enqueue(key(1), 'b')
  pending.open('b', 20)
  expect(answer(pending, 'b', 25, [key(0)])).toMatchObject({ affected: [], lost: 0 })
  answer(pending, 'b', 30, [key(1)])
  expect(pending.size).toBe(0)
})

it('a request whose timeout is noticed late is extended once, because this process was busy', () => {
  const pending = new PendingRequests(LIMITS)
  pending.enqueue(key(0), 'b')
  pending.open('b', 0)
  expect(pending.lapsed(5000)).toEqual([])
  expect(pending.lapsed(5249)).toEqual([])
  expect(pending.lapsed(5250)).toEqual(['b'])
})

it('a request does not time out while parts of a message arrive, for a minute at most', () => {
  const pending = new PendingRequests(LIMITS)
  pending.enqueue(key(1), 'b')
  pending.open('b', 0)
  let nowMs = 0
  for (; nowMs < 59_000; nowMs += 250) {
    pending.of('b')!.arrives(nowMs)
    expect(pending.lapsed(nowMs)).toEqual([])
  }
  for (; nowMs < 60_000; nowMs += 250) pending.of('b')!.arrives(nowMs)
  expect(pending.lapsed(60_000)).toEqual(['b'])
})

it('a request times out when no more parts arrive', () => {
  const pending = new PendingRequests(LIMITS)
  pending.enqueue(key(1), 'b')
  pending.open('b', 0)
  pending.of('b')!.arrives(2000)
  expect([pending.lapsed(4999), pending.lapsed(5000)]).toEqual([[], ['b']])
})

it('says of a peer that it has served once it has, and of no other', () => {
  const pending = new PendingRequests(LIMITS)
  pending.enqueue(key(1), 'silent')
  serve(pending, 'busy', key(2), 0)
  expect(['busy', 'silent', 'unknown'].map((peer) => pending.hasServed(peer))).toEqual([
    true,
    false,
    false
  ])
})

it('a timeout of a peer that has served loses none of its noted offers', () => {
  const pending = new PendingRequests(LIMITS)
  serve(pending, 'peer', key(0), 0)
  for (const each of keys(1, pending.freeSlots('peer'))) pending.enqueue(each, 'peer')
  expect(pending.note(key(1000), 'peer', 10)).toBe(true)
  pending.open('peer', 100)
  expect(pending.lapse('peer', 50_000).lost).toBe(0)
})
