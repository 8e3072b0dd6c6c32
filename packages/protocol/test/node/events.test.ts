/** Checks what a node reports to its observer, and counts. */

import { describe, expect, it } from 'vitest'
import { bytes, group, startAll, type TestNode } from './memory-group.ts'

describe('events', () => {
  it('crate flaw 34: every step of an update, counted alike', async () => {
    const { clock, node } = group()
    const [a, b] = [node('a', []), node('b', ['a'])]
    await startAll([a, b])
    await clock.advance(1000)
    const { digest } = a.gossip.submit(bytes('x'))
    await clock.advance(1000)
    expect(a.events).toContainEqual({ kind: 'served', to: 'b', digest })
    expect(b.events).toContainEqual({ kind: 'delivered', digest, bytes: 1 })
    const count = (from: TestNode, kind: string): number =>
      from.events.filter((event) => event.kind === kind).length
    const { sentMessages, receivedMessages, served, submitted } = a.gossip.stats()
    expect([sentMessages, receivedMessages, served, submitted]).toEqual([
      count(a, 'sent'),
      count(a, 'received'),
      1,
      1
    ])
    expect([a.gossip.status(digest), b.gossip.status(digest), b.gossip.status('nonsense')]).toEqual(
      ['active', 'active', 'unknown']
    )
  })

  it('bytes that are no message are malformed and a violation, with no other effect', async () => {
    const { node, stranger } = group()
    const a = node('a', [])
    await a.gossip.start()
    const say = await stranger('stranger', 'a')
    await say(new Uint8Array([1, 1, 2]))
    expect(a.events).toMatchObject([
      { kind: 'malformed', from: 'stranger', error: { code: 'MALFORMED_MESSAGE' } },
      { kind: 'violation', peer: 'stranger', reason: 'malformed', bannedMs: 0 }
    ])
    expect(a.gossip.stats().malformed).toBe(1)
  })

  it('messages of another version or kind: counted, and no violation', async () => {
    const { node, stranger } = group()
    const a = node('a', [])
    await a.gossip.start()
    const say = await stranger('newer', 'a')
    for (const frame of [[2], [1, 200, 1], [1, 0]]) await say(Uint8Array.from(frame))
    const dropped = { kind: 'dropped', reason: 'unknown-message', count: 1, peer: 'newer' }
    expect(a.events).toEqual([dropped, dropped, dropped])
    const { malformed, violations } = a.gossip.stats()
    expect([malformed, violations]).toEqual([0, 0])
    expect(a.gossip.stats().dropped['unknown-message']).toBe(3)
  })
})
