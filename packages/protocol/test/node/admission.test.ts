/** Checks from which peers a node reads, to which it sends, and which it names. */

import { binaryCodec } from '@rumormill/codec-binary'
import { describe, expect, it } from 'vitest'
import { bytes, group, startAll } from './memory-group.ts'

describe('admission', () => {
  it('an unauthorized peer is not read, gets no messages, and is not in any view', async () => {
    const { clock, node } = group()
    const authorize = (peer: string): boolean => peer !== 'mallory'
    const [a, b] = [node('a', ['mallory'], { authorize }), node('b', ['a'], { authorize })]
    const mallory = node('mallory', ['a', 'b'])
    await startAll([a, b, mallory])
    mallory.gossip.submit(bytes('lie'))
    a.gossip.submit(bytes('truth'))
    await clock.advance(5000)
    expect([a.updates, b.updates, mallory.updates]).toEqual([[], ['truth'], []])
    expect(
      [a, b].flatMap(({ gossip }) => gossip.peers().map(({ address }) => address)).sort()
    ).toEqual(['a', 'b'])
    expect(a.gossip.stats().dropped['peer-unauthorized']).toBeGreaterThan(0)
  })

  it('a message, well formed or not, asks once whether its sender is authorized', async () => {
    const { node, stranger } = group()
    const asked: string[] = []
    const authorize = (peer: string): boolean => asked.push(peer) > 0
    const a = node('a', [], { authorize })
    await a.gossip.start()
    const say = await stranger('stranger', 'a')
    await say(binaryCodec().encode({ kind: 'prune', tree: 1 }))
    expect(asked).toEqual(['stranger'])
    await say(new Uint8Array([1]))
    expect(asked).toEqual(['stranger', 'stranger'])
  })

  it('an authorizer that throws denies the peer, and is reported', async () => {
    const { clock, node } = group()
    const [a, b] = [
      node('a', [], {
        authorize: () => {
          throw new Error('oops')
        }
      }),
      node('b', ['a'])
    ]
    await startAll([a, b])
    await clock.advance(1000)
    expect(a.gossip.peers()).toEqual([])
    expect(a.codes()[0]).toBe('AUTHORIZE_FAILED')
  })

  it('a peer that breaks the protocol three times leaves the view, and is not read for ten minutes', async () => {
    const { clock, node, stranger } = group()
    const a = node('a', [])
    await a.gossip.start()
    const say = await stranger('stranger', 'a')
    const hello = binaryCodec().encode({
      kind: 'view-request',
      view: [{ address: 'stranger', age: 0 }]
    })
    await say(hello)
    expect(a.gossip.peers()).toHaveLength(1)
    for (let n = 0; n < 3; n++) await say(new Uint8Array([1]))
    expect(a.events.at(-1)).toEqual({
      kind: 'violation',
      peer: 'stranger',
      reason: 'malformed',
      bannedMs: 600_000
    })
    await say(hello)
    expect([
      a.gossip.peers().length,
      a.gossip.stats().dropped['peer-banned'],
      a.gossip.stats().bannedPeers
    ]).toEqual([0, 1, 1])
    await clock.advance(600_000)
    await say(hello)
    expect(a.gossip.peers()).toHaveLength(1)
  })
})
