/** Checks that dead peers are dropped even if others list them, and that separated halves meet again (finding 12 and similar). */

import { describe, expect, it } from 'vitest'
import { Lab, type LabNode } from './lab.ts'

const HOUR_MS = 3_600_000

const names = ({ gossip }: LabNode): string[] =>
  gossip
    .peers()
    .map(({ address }) => address)
    .toSorted()

/** Makes a network that never reports an absent node, as with datagrams. */
function blind(lab: Lab): void {
  lab.wrap = (transport) => ({
    maxMessageBytes: transport.maxMessageBytes,
    start: (...given) => transport.start(...given),
    watch: (peers) => transport.watch(peers),
    stop: () => transport.stop(),
    send: (...given) => transport.send(...given).catch(() => {})
  })
}

describe('finding 12: after 12 replacements in a group of six', () => {
  it.each([
    [true, false],
    [true, true],
    [false, true]
  ])('nobody lists the dead, hardened %s, blind %s', async (hardened, isBlind) => {
    const lab = new Lab()
    if (isBlind) blind(lab)
    const options = { membership: { hardened }, broadcast: { mode: 'off' as const } }
    const live = [await lab.add({ ...options, at: 'seed' })]
    for (let node = 1; node < 6; node++) live.push(await lab.add(options))
    for (let replaced = 0; replaced < 12; replaced++) {
      await lab.pass(2000)
      await lab.stop(live.splice(1, 1)[0]!, { graceMs: 0 })
      live.push(await lab.add(options))
    }
    // A hardened node asks one entry of its view in two seconds, by chance.
    await lab.pass(60_000)
    const alive = live.map(({ gossip }) => gossip.address).toSorted()
    for (const node of live)
      expect(names(node)).toEqual(alive.filter((address) => address !== node.gossip.address))
  })
})

describe('a peer that is suspended', () => {
  it.each([true, false])(
    'is out of views and neighbors within ten seconds, reported once, and back when it sends, hardened %s',
    async (hardened) => {
      const lab = new Lab()
      const stopped = { is: false }
      lab.wrap = (transport) => ({
        maxMessageBytes: transport.maxMessageBytes,
        start: (receiver, options) =>
          transport.start(
            {
              fail: () => {},
              lost: () => {},
              receive: (from, bytes) => {
                if (!stopped.is) receiver.receive(from, bytes)
              }
            },
            options
          ),
        watch: (peers) => transport.watch(peers),
        stop: () => transport.stop(),
        // As a kernel: it takes what is sent to a process that stands still.
        send: (...given) => (stopped.is ? Promise.resolve() : transport.send(...given))
      })
      const still = await lab.add({ at: 'still', membership: { hardened } })
      lab.wrap = (transport) => transport
      await lab.many(5, { membership: { hardened } })
      await lab.pass(10_000)
      stopped.is = true
      await lab.pass(10_000)
      const others = lab.nodes.slice(1)
      for (const node of others) {
        expect(names(node)).not.toContain('still')
        expect(names(node)).toHaveLength(4)
        expect(node.gossip.stats().neighbors).toBe(4)
        const failures = node.events.filter((event) => event.kind === 'failed')
        expect(failures).toMatchObject([{ error: { code: 'UNREACHABLE' }, peer: 'still' }])
      }
      stopped.is = false
      await lab.pass(2000)
      for (const node of others) expect(names(node)).toContain('still')
      await lab.pass(2000)
      for (const node of others) expect(node.counts['recovered']).toBe(1)
      expect(names(still)).toHaveLength(5)
    }
  )
})

it('at 20 % loss, a peer that was dropped by mistake is back within a period', async () => {
  const lab = new Lab(3, { loss: 0.2 })
  await lab.many(6, { membership: { periodMs: 500 } })
  await lab.pass(10_000)
  const missing = new Map<string, number>()
  let longest = 0
  for (let step = 0; step < 600; step++) {
    await lab.pass(100)
    for (const node of lab.nodes) {
      const listed = names(node)
      for (const other of lab.nodes) {
        const pair = `${node.gossip.address} ${other.gossip.address}`
        if (other === node || listed.includes(other.gossip.address)) missing.delete(pair)
        else missing.set(pair, (missing.get(pair) ?? 0) + 1)
        longest = Math.max(longest, missing.get(pair) ?? 0)
      }
    }
  }
  expect(longest).toBeLessThanOrEqual(6)
})

describe('actor-ts#939: a liar that repeats the entry of a dead peer with age 0', () => {
  it.each([true, false])(
    'keeps it listed for a share that shrinks, hardened %s',
    async (hardened) => {
      const lab = new Lab()
      await lab.many(5, { membership: { hardened }, broadcast: { mode: 'off' } })
      await lab.pass(5000)
      const dead = lab.nodes[4]!.gossip.address
      const live = lab.nodes.slice(0, 4)
      lab.network.kill(dead)
      const lie = await lab.liar('liar')
      const shares: number[] = []
      for (let span = 0; span < 4; span++) {
        let listed = 0
        for (let step = 0; step < 150; step++) {
          for (const { gossip } of live)
            lie(gossip.address, {
              kind: 'view-request',
              view: [
                { address: 'liar', age: 0 },
                { address: dead, age: 0 }
              ]
            })
          await lab.pass(500)
          if (live.some((node) => names(node).includes(dead))) listed++
        }
        shares.push(listed / 150)
      }
      // In five minutes, with two rumors a second.
      expect(Math.max(...shares.slice(1))).toBeLessThan(0.06)
      expect(shares[3]).toBeLessThan(0.03)
    }
  )
})

describe('nats-server#824: a peer that has left, and a seed that never was', () => {
  it('are reported once, and tried at growing intervals', async () => {
    const lab = new Lab()
    const quiet = { broadcast: { mode: 'off' as const }, antiEntropy: { periodMs: 10_000 } }
    const a = await lab.add({ at: 'a', seeds: ['a', 'long gone'], ...quiet })
    const b = await lab.add({ at: 'b', ...quiet })
    const c = await lab.add({ at: 'c', ...quiet })
    await lab.pass(5000)
    await lab.stop(c)
    await lab.pass(5000)
    const before = [a, b].map(({ gossip }) => gossip.stats().failed)
    const { sentMessages } = b.gossip.stats()
    await lab.pass(HOUR_MS / 4)
    expect([a, b].map(({ gossip }, index) => gossip.stats().failed - before[index]!)).toEqual([
      0, 0
    ])
    expect(before).toEqual([2, 1])
    expect(b.gossip.stats().sentMessages - sentMessages).toBeLessThan(4500)
    const again = await lab.add({ at: 'c', seeds: ['a'], ...quiet })
    await lab.pass(3000)
    expect([names(a), names(b), names(again)]).toEqual([
      ['b', 'c'],
      ['a', 'c'],
      ['a', 'b']
    ])
    expect([a.counts['recovered'], b.counts['recovered']]).toEqual([1, 1])
  })
})

it('halves of a group that were apart for more than a day find each other without any seed', async () => {
  const lab = new Lab()
  const slow = {
    membership: { periodMs: 60_000 },
    broadcast: { mode: 'off' as const },
    antiEntropy: { periodMs: 60_000 }
  }
  // The one that all of them name is gone before.
  const seed = await lab.add({ at: 'seed', ...slow })
  const nodes: LabNode[] = []
  for (let node = 0; node < 6; node++) nodes.push(await lab.add({ at: `n${node}`, ...slow }))
  await lab.pass(HOUR_MS / 2)
  await lab.stop(seed)
  await lab.pass(HOUR_MS / 2)
  for (const node of nodes) expect(names(node)).toHaveLength(5)
  lab.network.partition([
    ['n0', 'n1', 'n2'],
    ['n3', 'n4', 'n5']
  ])
  await lab.pass(30 * HOUR_MS)
  for (const node of nodes) expect(names(node)).toHaveLength(2)
  lab.network.heal()
  await lab.pass(1.2 * HOUR_MS)
  for (const node of nodes) expect(names(node)).toHaveLength(5)
})
