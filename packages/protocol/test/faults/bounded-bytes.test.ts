/** Checks that the bytes of contents outside the store are bounded, whichever part of a group hangs. */

import { expect, it } from 'vitest'
import type { FreshUpdate } from '../../src/broadcast/bundles.ts'
import { FreshUpdates } from '../../src/broadcast/fresh-updates.ts'
import { addPeer, SeenBy } from '../../src/broadcast/seen-by.ts'
import type { GossipStats } from '../../src/index.ts'
import { Lab, type LabNodeOptions } from './lab.ts'

const never = (): Promise<never> => new Promise(() => {})
const KIB = 1024

/** What a node with such `options` says of itself after the 20,000 KiB of another. */
async function statsOf(options: LabNodeOptions): Promise<GossipStats> {
  const lab = new Lab()
  await lab.many(2, (index) => (index === 0 ? {} : options))
  await lab.pass(3000)
  for (let index = 0; index < 200; index++) {
    lab.nodes[0]!.gossip.submit(lab.bytes(100 * KIB))
    await lab.pass(100)
  }
  await lab.pass(30_000)
  return lab.nodes[1]!.gossip.stats()
}

it('a handler that hangs holds a bounded number of bytes', async () => {
  const delivery = { timeoutMs: 86_400_000, maxWaitingBytes: 1000 * KIB }
  const { waitingUpdates, waitingBytes } = await statsOf({ delivery, onUpdate: never })
  expect(waitingBytes).toBe(100 * KIB * waitingUpdates)
  expect(waitingBytes).toBeGreaterThanOrEqual(1000 * KIB)
  // What was requested before the limit was reached still arrived.
  expect(waitingBytes).toBeLessThan(4000 * KIB)
})

it('a validator that hangs holds a bounded number of bytes', async () => {
  const { waitingBytes, pendingValidations } = await statsOf({
    validate: never,
    validation: { timeoutMs: 86_400_000 },
    delivery: { maxWaitingBytes: 1000 * KIB }
  })
  expect(waitingBytes).toBe(100 * KIB * pendingValidations)
  expect(waitingBytes).toBeGreaterThanOrEqual(1000 * KIB)
  expect(waitingBytes).toBeLessThan(4000 * KIB)
})

it('the requests of a new node hold a bounded number of bytes, and one answer of each peer', async () => {
  const lab = new Lab()
  await lab.many(3)
  await lab.pass(3000)
  for (let index = 0; index < 400; index++) {
    lab.nodes[index % 3]!.gossip.submit(lab.bytes(50 * KIB))
    await lab.pass(20)
  }
  await lab.pass(10_000)
  const delivery = { timeoutMs: 86_400_000, maxWaitingBytes: 1000 * KIB }
  const newcomer = await lab.add({ delivery, onUpdate: never })
  await lab.pass(30_000)
  const { waitingBytes } = newcomer.gossip.stats()
  expect(waitingBytes).toBeGreaterThanOrEqual(1000 * KIB)
  expect(waitingBytes).toBeLessThan((1000 + 3 * 256) * KIB)
  expect(newcomer.counts['handler-queue-full']).toBeGreaterThan(0)
})

it('goes on once the handlers have returned', async () => {
  const lab = new Lab()
  const delivery = { timeoutMs: 1000, maxWaitingBytes: 300 * KIB }
  await lab.many(2, (index) => (index === 0 ? {} : { delivery, onUpdate: () => lab.later(200) }))
  await lab.pass(3000)
  for (let index = 0; index < 20; index++) lab.nodes[0]!.gossip.submit(lab.bytes(100 * KIB))
  await lab.pass(30_000)
  expect(lab.nodes[1]!.got.size).toBe(20)
  expect(lab.nodes[1]!.gossip.stats().waitingBytes).toBe(0)
})

it('a node without peers keeps no contents besides its store', () => {
  const fresh = new FreshUpdates(1000)
  let kept: FreshUpdate[] = []
  const add = (bytes: number, atMs: number): void => {
    const update = { digest: '', content: new Uint8Array(bytes) }
    const trace = { key: `${atMs}`, peers: new Set<string>(), tree: 1, from: undefined }
    const entry = {
      trace: { ...trace, isPushed: false },
      update,
      bytes,
      atMs
    } as never as FreshUpdate
    kept.push(Object.assign(entry, { submittedAtMs: atMs }))
    fresh.add(entry, true)
  }
  for (let index = 0; index < 6000; index++) {
    add(100, index / 10)
    const held = kept.reduce((sum, { update }) => sum + (update?.content.length ?? 0), 0)
    expect(held).toBeLessThanOrEqual(1000)
    if (kept.length > 100) kept = kept.slice(-50)
  }
  expect(fresh.take(600)).toHaveLength(4096)
  for (let index = 0; index < 10; index++) add(100, 1000 + index)
  // Older than two seconds, it is for the rounds.
  add(200, 3005)
  expect(fresh.take(3005).map(({ bytes, update }) => [bytes, update?.content.length])).toEqual([
    [100, 100],
    [100, 100],
    [100, 100],
    [100, 100],
    [100, 100],
    [200, 200]
  ])
})

it('peers cannot make a node remember more than a bounded number of peers that have an update', () => {
  const seenBy = new SeenBy()
  for (let stranger = 0; stranger < 10_000; stranger++) addPeer(seenBy.of('one'), `s${stranger}`)
  for (let index = 0; index < 10_000; index++) addPeer(seenBy.of(`u${index}`), 'one')
  expect(seenBy.of('one').peers.size).toBe(0)
  for (let stranger = 0; stranger < 10_000; stranger++) addPeer(seenBy.of('one'), `s${stranger}`)
  expect(seenBy.of('one').peers.size).toBe(64)
})

it('evicting small old updates for large ones does not exceed maxBytes by more than one', async () => {
  const lab = new Lab()
  const store = { maxBytes: 1_000_000, maxContentBytes: 100_000 }
  await lab.many(2, { store })
  await lab.pass(3000)
  const [a, b] = [lab.nodes[0]!, lab.nodes[1]!]
  for (let index = 0; index < 700; index++) {
    a.gossip.submit(lab.bytes(8))
    await lab.pass(10)
  }
  let [accepted, most] = [0, 0]
  for (let index = 0; index < 500; index++) {
    try {
      a.gossip.submit(lab.bytes(100_000))
      accepted++
    } catch (error) {
      expect(error).toMatchObject({ code: 'STORE_FULL', retryAfterMs: expect.any(Number) })
    }
    await lab.pass(10)
    most = Math.max(most, ...[a, b].map(({ gossip }) => gossip.stats().activeBytes))
  }
  expect(most).toBeLessThanOrEqual(1_100_000)
  // The first ones are old enough by then: it goes on.
  await lab.pass(6000)
  a.gossip.submit(lab.bytes(100_000))
  await lab.pass(6000)
  expect(b.got.size).toBe(700 + accepted + 1)
}, 30_000)
