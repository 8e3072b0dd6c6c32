/** Checks the updates of a node that stops: peers have them, or the node reports which no peer has. */

import { memoryStorage, memoryDisk } from '@rumormill/testkit'
import { expect, it } from 'vitest'
import type { Digest } from '../../src/index.ts'
import { Lab, type LabNode } from './lab.ts'

/** Returns the digests that `node` reported as unacknowledged. Their number must be the reported one. */
function lostAt({ events }: LabNode): Digest[] {
  return events.flatMap((event) => {
    if (event.kind !== 'dropped' || event.reason !== 'unacknowledged') return []
    expect(event.digests).toHaveLength(event.count)
    return event.digests!
  })
}

/** Returns the `digests` that none of `others` has. */
function unknownTo(others: readonly LabNode[], digests: readonly Digest[]): Digest[] {
  return digests.filter((digest) => !others.some(({ got }) => got.has(digest)))
}

it.each(['eager', 'lazy'] as const)(
  'busy handlers, %s: reports what no peer has',
  async (mode) => {
    const lab = new Lab()
    await lab.many(6, {
      broadcast: { mode },
      delivery: { maxWaiting: 32 },
      onUpdate: () => lab.later(50)
    })
    await lab.pass(5000)
    const own: Digest[] = []
    for (let turn = 0; turn < 60; turn++) {
      lab.nodes.forEach(({ gossip }, index) => {
        const { digest } = gossip.submit(lab.bytes(500))
        if (index === 0) own.push(digest)
      })
      await lab.pass(100)
    }
    const leaver = lab.nodes[0]!
    await lab.stop(leaver)
    const reported = lostAt(leaver)
    await lab.pass(60_000)
    const lost = unknownTo(lab.nodes.slice(1), own)
    expect(lost.filter((digest) => !reported.includes(digest))).toEqual([])
    expect(own.length - reported.length).toBeGreaterThan(20)
  },
  60_000
)

it.each([6, 9, 14, 15])(
  'loss of three messages in ten, seed %i: reports what no peer has',
  async (seed) => {
    const lab = new Lab(seed)
    lab.network.loss = 0.3
    await lab.many(6)
    await lab.pass(5000)
    const leaver = lab.nodes[0]!
    const own = Array.from({ length: 20 }, () => leaver.gossip.submit(lab.bytes(100)).digest)
    await lab.stop(leaver)
    await lab.pass(10_000)
    const reported = lostAt(leaver)
    expect(
      unknownTo(lab.nodes.slice(1), own).filter((digest) => !reported.includes(digest))
    ).toEqual([])
  }
)

it('sends updates that were submitted just before the stop, with storage, too', async () => {
  const lab = new Lab()
  await lab.many(2)
  const leaver = await lab.add({ storage: memoryStorage(memoryDisk()) })
  await lab.pass(5000)
  const { digest } = leaver.gossip.submit(lab.bytes(100))
  await lab.stop(leaver)
  await lab.pass(60_000)
  expect(lab.nodes.slice(0, 2).map(({ got }) => got.has(digest))).toEqual([true, true])
  expect(lostAt(leaver)).toEqual([])
})

it.each([1, 2, 3, 4, 5, 6])(
  'starts, submits and stops at once, seed %i: the update reaches the peer',
  async (seed) => {
    const lab = new Lab(seed)
    await lab.many(3)
    await lab.pass(5000)
    const startedMs = lab.clock.now()
    const visitor = await lab.add()
    const { digest } = visitor.gossip.submit(lab.bytes(100))
    await lab.stop(visitor)
    expect(lab.clock.now() - startedMs).toBeLessThan(200)
    await lab.pass(5000)
    expect(lab.nodes.slice(0, 3).map(({ got }) => got.has(digest))).toEqual([true, true, true])
    expect(lostAt(visitor)).toEqual([])
  }
)

it.each([0, 1, 20])(
  'a node that knows peers only from storage sends them what it submits %i ms after the start',
  async (waitMs) => {
    const lab = new Lab()
    const first = await lab.add()
    const disk = memoryDisk()
    const before = await lab.add({ storage: memoryStorage(disk) })
    await lab.pass(5000)
    await lab.stop(before)
    await lab.pass(2000)
    const again = await lab.add({ storage: memoryStorage(disk), seeds: [] })
    await lab.pass(waitMs)
    const { digest } = again.gossip.submit(lab.bytes(100))
    await lab.stop(again)
    await lab.pass(5000)
    expect([first.got.has(digest), lostAt(again)]).toEqual([true, []])
  }
)

it('waits no longer than the grace period for a contact that does not answer', async () => {
  const lab = new Lab()
  const visitor = await lab.add({ seeds: ['nobody'] })
  const { digest } = visitor.gossip.submit(lab.bytes(100))
  await lab.stop(visitor)
  expect(lab.clock.now()).toBe(2000)
  expect(lostAt(visitor)).toEqual([digest])
})

it.each([4, 2000])(
  'in a quiet group with %i updates, stop takes about a round trip',
  async (active) => {
    const lab = new Lab()
    await lab.many(5)
    await lab.pass(5000)
    for (let index = 0; index < active; index++) {
      lab.nodes[index % 5]!.gossip.submit(lab.bytes(20))
      if (index % 20 === 0) await lab.pass(20)
    }
    await lab.pass(10_000)
    const leaver = lab.nodes[0]!
    const { digest } = leaver.gossip.submit(lab.bytes(100))
    const beforeMs = lab.clock.now()
    let stoppedMs = Infinity
    void leaver.gossip.stop().then(() => (stoppedMs = lab.clock.now()))
    await lab.pass(3000)
    expect(stoppedMs - beforeMs).toBeLessThanOrEqual(80)
    expect(lab.nodes.slice(1).every(({ got }) => got.has(digest))).toBe(true)
  }
)

it('sends a backlog of thousands within the grace period', async () => {
  const lab = new Lab()
  await lab.many(2, (index) => ({ seeds: index === 0 ? [] : ['m0'], at: `m${index}` }))
  await lab.pass(5000)
  const [leaver, peer] = [lab.nodes[0]!, lab.nodes[1]!]
  for (let index = 0; index < 9000; index++) leaver.gossip.submit(lab.bytes(5))
  await lab.stop(leaver)
  expect(lab.clock.now()).toBeLessThan(7000)
  expect(peer.got.size).toBe(9000)
  expect(lostAt(leaver)).toEqual([])
}, 30_000)

it('stopping a whole group at once reports no failures of peers', async () => {
  const lab = new Lab()
  await lab.many(3)
  await lab.pass(5000)
  for (const { gossip } of lab.nodes) for (let i = 0; i < 20; i++) gossip.submit(lab.bytes(100))
  const stopped = Promise.all(lab.nodes.map(({ gossip }) => gossip.stop()))
  await lab.pass(2000)
  await stopped
  expect(lab.nodes.flatMap(({ events }) => events.filter(({ kind }) => kind === 'failed'))).toEqual(
    []
  )
})
