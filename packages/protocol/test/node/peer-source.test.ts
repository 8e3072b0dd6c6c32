/** Checks when a peer source is queried, and how its answers are used. */

import { describe, expect, it } from 'vitest'
import type { PeerSource } from '../../src/index.ts'
import { group, startAll } from './memory-group.ts'

describe('the peer source', () => {
  const failing: Record<string, PeerSource['peers']> = {
    throws: () => {
      throw new Error('no')
    },
    rejects: () => Promise.reject(new Error('no')),
    hangs: () => new Promise(() => {}),
    'is no list': () => Promise.resolve('a' as unknown as string[])
  }

  it.each(Object.entries(failing))(
    'that %s is reported, queried again, and then used',
    async (_name, fail) => {
      const { clock, node } = group()
      const a = node('a', [])
      let queries = 0
      const b = node(
        'b',
        { peers: (options) => (++queries < 3 ? fail(options) : Promise.resolve(['a'])) },
        { peerFinding: { timeoutMs: 2000 } }
      )
      await startAll([a, b])
      await clock.advance(500)
      expect(b.gossip.peers()).toEqual([])
      await clock.advance(10_000)
      expect(b.codes()).toEqual(['PEER_SOURCE_FAILED', 'PEER_SOURCE_FAILED'])
      expect(b.gossip.peers().map(({ address }) => address)).toEqual(['a'])
    }
  )

  it('may name this node among others; a list of only this node is reported once', async () => {
    const { clock, node } = group()
    const a = node('a', ['a'])
    const b = node('b', ['a', 'b'])
    await startAll([a, b])
    await clock.advance(2000)
    expect(a.codes()).toEqual(['INVALID_PEER'])
    expect(b.codes()).toEqual([])
    expect(b.gossip.peers()).toHaveLength(1)
  })

  it('with invalid entries is reported; the other entries are used', async () => {
    const { clock, node } = group()
    const a = node('a', [])
    const b = node('b', ['b', '', 'x'.repeat(300), 7 as unknown as string, 'a'])
    await startAll([a, b])
    await clock.advance(2000)
    expect(b.codes()).toEqual(['INVALID_PEER'])
    expect(b.events.find(({ kind }) => kind === 'failed')).toMatchObject({
      error: {
        message: expect.stringContaining(
          "4 of 5 entries are not addresses of other nodes, this node's own b among them"
        ) as string
      }
    })
    expect(b.gossip.peers().map(({ address }) => address)).toEqual(['a'])
  })

  it('crate flaw 16: is queried again when the view is empty, and at intervals', async () => {
    const { clock, network, node } = group()
    const a = node('a', [])
    let queries = 0
    const b = node(
      'b',
      { peers: () => Promise.resolve(queries++ < 1 ? ['a'] : ['c']) },
      { membership: { maxPastPeers: 0 } }
    )
    const c = node('c', [])
    await startAll([a, b, c])
    await clock.advance(5000)
    expect(queries).toBe(1)
    network.kill('a')
    await clock.advance(10_000)
    expect(b.gossip.peers().map(({ address }) => address)).toEqual(['c'])
    const before = queries
    await clock.advance(60 * 500 + 1000)
    expect(queries).toBeGreaterThan(before)
  })

  it('is queried every few seconds while no peer is known, however long the periods', async () => {
    const { clock, node } = group()
    const b = node('b', ['a'], { preset: 'reference' })
    await b.gossip.start()
    await clock.advance(7000)
    await node('a', []).gossip.start()
    await clock.advance(5000)
    expect(b.gossip.peers()).toHaveLength(1)
  })

  it('with 100,000 entries leads to as many requests as a view has entries', async () => {
    const { node, clock, network } = group()
    const b = node(
      'b',
      Array.from({ length: 100_000 }, (_, n) => `far ${n}`)
    )
    await b.gossip.start()
    await clock.advance(100)
    const tried = new Set(
      b.events.flatMap((event) => (event.kind === 'failed' ? [event.peer] : []))
    )
    expect(tried.size).toBe(3)
    expect(network.counts.messages).toBe(0)
  })
})
