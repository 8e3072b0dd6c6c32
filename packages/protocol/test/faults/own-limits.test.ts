/** Checks that updates above a node's own limits cause no violations, are not fetched in each round, and are reported. */

import { describe, expect, it } from 'vitest'
import { digestOf } from '../../src/index.ts'
import { digestFromHex } from '../../src/plugin.ts'
import { Lab, quantile, type LabNode } from './lab.ts'

const KIB = 1024

function punished({ counts, gossip }: LabNode): number[] {
  return [counts['violation'] ?? 0, counts['banned'] ?? 0, gossip.stats().bannedPeers]
}

describe('a node with a smaller maxContentBytes', () => {
  it('counts no violations for large pushed contents, and gets those that fit', async () => {
    const lab = new Lab()
    await lab.many(4, (index) => (index === 3 ? { store: { maxContentBytes: 1000 } } : {}))
    await lab.pass(5000)
    for (let step = 0; step < 100; step++) {
      lab.nodes[0]!.gossip.submit(lab.bytes(step % 10 === 9 ? 100 : 2000))
      await lab.pass(100)
    }
    await lab.pass(60_000)
    const strict = lab.nodes[3]!
    expect(strict.got.size).toBe(10)
    expect(lab.nodes.flatMap(punished).every((count) => count === 0)).toBe(true)
    expect(strict.counts['content-too-large']).toBeGreaterThanOrEqual(90)
    expect(strict.counts['lost']).toBe(90)
    // Pushed before it has refused the tree, fetched once in a round: no more than that.
    expect(strict.traffic.contentsIn).toBeLessThan(2.5 * 90 * 2000)
  })

  it('does not fetch the same large contents in each round, and gets those that fit in time', async () => {
    const lab = new Lab()
    await lab.many(4, (index) => (index === 3 ? { store: { maxContentBytes: 200_000 } } : {}))
    await lab.pass(5000)
    for (let n = 0; n < 10; n++) {
      lab.nodes[n % 3]!.gossip.submit(lab.bytes(300_000))
      await lab.pass(300)
    }
    const strict = lab.nodes[3]!
    const before = strict.traffic.contentsIn
    const sent: [string, number][] = []
    for (let step = 0; step < 60; step++) {
      const { digest } = lab.nodes[step % 3]!.gossip.submit(lab.bytes(6000))
      sent.push([digest, lab.clock.now()])
      await lab.pass(1000)
    }
    await lab.pass(30_000)
    const delays = sent.map(([digest, atMs]) => (strict.got.get(digest) ?? Infinity) - atMs)
    expect(quantile(delays, 1)).toBeLessThan(1000)
    // What fits, and at most once each of what does not.
    expect(strict.traffic.contentsIn - before).toBeLessThan(60 * 6200 + 10 * 300_100)
    expect(punished(strict)).toEqual([0, 0, 0])
  })

  it('fetches each of 6,000 once, and reports each once', async () => {
    const lab = new Lab()
    await lab.many(2, (index) => (index === 1 ? { store: { maxContentBytes: 1000 } } : {}))
    await lab.pass(3000)
    for (let n = 0; n < 6000; n++) {
      lab.nodes[0]!.gossip.submit(lab.bytes(1500))
      if (n % 100 === 99) await lab.pass(100)
    }
    await lab.pass(300_000)
    const strict = lab.nodes[1]!
    expect(strict.traffic.contentsIn).toBeLessThan(1.05 * 6000 * 1500)
    expect(strict.counts['lost']).toBe(6000)
    expect(strict.gossip.stats().postponedUpdates).toBe(6000)
  })

  it.each(['list', 'sketch'] as const)(
    'gets the contents that follow one that is too large, by %s',
    async (reconciliation) => {
      const lab = new Lab()
      const a = await lab.add({ antiEntropy: { reconciliation } })
      a.gossip.submit(lab.bytes(400 * KIB))
      for (let n = 0; n < 40; n++) a.gossip.submit(lab.bytes(50))
      await lab.pass(5000)
      const b = await lab.add({
        antiEntropy: { reconciliation },
        store: { maxContentBytes: 100 * KIB }
      })
      await lab.pass(5000)
      expect(b.got.size).toBe(40)
      await lab.pass(595_000)
      expect(b.traffic.contentsIn).toBeLessThan(KIB * KIB)
      expect(b.counts['lost']).toBe(1)
      expect(punished(b)).toEqual([0, 0, 0])
    }
  )
})

describe('a node whose handler is stuck', () => {
  it('is sent no more contents than others, without violations', async () => {
    const lab = new Lab()
    await lab.many(6, (index) =>
      index === 5
        ? { onUpdate: () => new Promise(() => {}), delivery: { maxWaiting: 50, timeoutMs: 1e9 } }
        : {}
    )
    await lab.pass(5000)
    for (let step = 0; step < 300; step++) {
      lab.nodes[step % 5]!.gossip.submit(lab.bytes(1000))
      await lab.pass(100)
    }
    await lab.pass(10_000)
    const bytesIn = lab.nodes.map(({ traffic }) => traffic.contentsIn)
    expect(bytesIn[5]).toBeLessThan(Math.max(...bytesIn.slice(0, 5)))
    expect(lab.nodes.flatMap(punished).every((count) => count === 0)).toBe(true)
    expect(lab.nodes[0]!.got.size).toBe(300 - 60)
  })
})

/** The first is little enough to be pushed, in more contents than one message holds; the second is announced. */
it.each([3000, 10_000])(
  '%i updates of 5 bytes in one turn are sent on, in messages that can be sent',
  async (count) => {
    const lab = new Lab()
    await lab.many(3)
    await lab.pass(5000)
    lab.nodes[0]!.gossip.submit(lab.bytes(8))
    await lab.pass(2000)
    const fromMs = lab.clock.now()
    for (let n = 0; n < count; n++) lab.nodes[0]!.gossip.submit(lab.bytes(5))
    const others = lab.nodes.slice(1)
    const isDone = (): boolean => others.every(({ got }) => got.size === count + 1)
    while (!isDone() && lab.clock.now() < fromMs + 60_000) await lab.pass(50)
    expect(lab.clock.now() - fromMs).toBeLessThan(5000)
    expect(lab.nodes.map(({ counts }) => counts['MALFORMED_MESSAGE'] ?? 0)).toEqual([0, 0, 0])
  }
)

it('a message that this node cannot send now does not count against the peer with a pending answer', async () => {
  const lab = new Lab()
  let isStuck = false
  lab.wrap = (transport) => {
    const send = transport.send.bind(transport)
    transport.send = (to, bytes, options) =>
      isStuck ? new Promise(() => {}) : send(to, bytes, options)
    return transport
  }
  const say = await lab.liar('p')
  const node = await lab.add({ seeds: ['p'], sending: { maxMessagesPerPeer: 1 } })
  await lab.pass(300)
  isStuck = true
  const content = lab.bytes(100)
  say(node.gossip.address, { kind: 'ihave', digests: digestFromHex(digestOf(content))! })
  await lab.pass(1000)
  expect(node.counts['send-queue-full']).toBeGreaterThan(0)
  expect([node.counts['not-delivered'], node.gossip.stats().pendingRequests]).toEqual([
    undefined,
    1
  ])
  say(node.gossip.address, { kind: 'content-response', contents: [content], ages: [0] })
  await lab.pass(100)
  expect(node.got.size).toBe(1)
})
