/** Checks that a group spreads all updates, even if peers join, leave, or read nothing. */

import { binaryCodec } from '@rumormill/codec-binary'
import { jsonCodec } from '@rumormill/codec-json'
import { describe, expect, it } from 'vitest'
import type { Codec, Transport } from '../../src/index.ts'
import { bytes, group, startAll } from './memory-group.ts'

describe('a group', () => {
  it.each<[string, () => Codec]>([
    ['json', jsonCodec],
    ['binary', binaryCodec]
  ])('of ten over %s spreads everything once', async (_name, codec) => {
    const { clock, node } = group()
    const nodes = Array.from({ length: 10 }, (_, n) =>
      node(`n${n}`, n === 0 ? [] : ['n0'], { codec: codec() })
    )
    await startAll(nodes)
    await clock.advance(1500)
    expect(nodes.map(({ gossip }) => gossip.peers().length)).toEqual(Array(10).fill(9))
    nodes.forEach(({ gossip }, n) => gossip.submit(bytes(`from ${n}`)))
    await clock.advance(3000)
    nodes.forEach(({ updates }, n) => {
      expect(updates.toSorted()).toEqual(
        nodes.map((_, each) => `from ${each}`).filter((_, each) => each !== n)
      )
    })
    for (const { gossip } of nodes) await gossip.stop()
    expect(clock.pendingWakes).toBe(0)
  })

  it('waits for the first peer: updates may be submitted without peers', async () => {
    const { clock, node } = group()
    const [a, b] = [node('a', []), node('b', ['a'])]
    await a.gossip.start()
    expect(a.gossip.submit(bytes('early')).status).toBe('accepted')
    await clock.advance(60_000)
    await b.gossip.start()
    await clock.advance(2000)
    expect(b.updates).toEqual(['early'])
  })

  it('a node that restarts at the same address gets active updates', async () => {
    const { clock, network, node } = group()
    const nodes = ['a', 'b', 'c'].map((address) => node(address, address === 'a' ? [] : ['a']))
    await startAll(nodes)
    await clock.advance(2000)
    nodes[1]!.gossip.submit(bytes('x'))
    await clock.advance(2000)
    network.kill('a')
    await clock.advance(20_000)
    expect(nodes[1]!.gossip.peers().map(({ address }) => address)).toEqual(['c'])
    // It knows no peer; the others still try it at intervals, which grow with the time since it was lost.
    const again = node('a', [])
    await again.gossip.start()
    await clock.advance(15_000)
    expect(again.updates).toEqual(['x'])
  })

  it('crate flaw 9: another codec or network is detected and reported once on each side, and nothing hangs', async () => {
    const { clock, node } = group()
    const a = node('a', [])
    const others = [
      node('b', ['a'], { codec: jsonCodec() }),
      node('c', ['a'], { network: 'other' })
    ]
    await startAll([a, ...others])
    await clock.advance(1000)
    for (const { codes, gossip } of others) {
      expect(new Set(codes())).toEqual(new Set(['PROTOCOL_MISMATCH']))
      expect(gossip.stats().receivedMessages).toBe(0)
    }
    expect(a.codes()).toContain('PROTOCOL_MISMATCH')
    expect(a.gossip.peers()).toEqual([])
  })
})

describe('a peer that reads nothing', () => {
  it('crate flaw 4: delays no other peer, and uses bounded memory of this node', async () => {
    const { clock, network, node } = group()
    const inner = network.transport('a')
    const stuck: Transport = {
      maxMessageBytes: inner.maxMessageBytes,
      start: (receiver, options) => inner.start(receiver, options),
      send: (to, message, options) =>
        to === 'b' ? new Promise(() => {}) : inner.send(to, message, options),
      watch: (peers) => inner.watch(peers),
      stop: () => inner.stop()
    }
    const a = node('a', [], { transport: stuck, sending: { maxMessagesPerPeer: 3 } })
    const others = [node('b', ['a']), node('c', ['a'])]
    await startAll([a, ...others])
    await clock.advance(5000)
    a.gossip.submit(bytes('x'))
    await clock.advance(2000)
    expect(others[1]!.updates).toEqual(['x'])
    expect(a.gossip.stats().sendingMessages).toBe(3)
    expect(a.gossip.stats().dropped['send-queue-full']).toBeGreaterThan(0)
    await a.gossip.stop()
  })
})
