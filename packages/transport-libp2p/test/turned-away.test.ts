/** Messages of a peer that was refused, or whose link was closed for another, are no longer read. */

import type { Connection, Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { packFrames } from '@rumormill/stream-transport'
import { expect, onTestFinished, test } from 'vitest'
import { PROTOCOL, startNode, startPeer, until, type Peer } from './nodes.ts'

const OTHER = '/other/1'

interface Stubborn {
  readonly address: string
  readonly connection: Connection
  readonly stream: Stream
  say(...frames: Uint8Array[]): void
}

/** A node that says hello to `peer`, sends one message and never closes its side. */
async function stubborn(peer: Peer): Promise<Stubborn> {
  const node = await startNode()
  await node.handle(OTHER, () => {})
  const connection = await node.dial(multiaddr(peer.address))
  const stream = await connection.newStream(PROTOCOL)
  const address = node.getMultiaddrs()[0]!.toString()
  const say: Stubborn['say'] = (...frames) => {
    for (const piece of packFrames(frames)) if (stream.status === 'open') stream.send(piece)
  }
  say(new TextEncoder().encode(address), Uint8Array.of(1))
  await until('the first message', () => peer.heard.some(({ from }) => from === address))
  return { address, connection, stream, say }
}

/** Has `one` send messages until the test ends. */
function insist(one: Stubborn): void {
  one.say(Uint8Array.of(2))
  const timer = setInterval(() => one.say(Uint8Array.of(2)), 20)
  onTestFinished(() => clearInterval(timer))
}

test.each(['banned', 'unauthorized'] as const)(
  'messages of a peer that is %s are no longer delivered, and its connection ends',
  async (reason) => {
    const victim = await startPeer()
    const evil = await stubborn(victim)
    victim.transport.dismiss!(evil.address, reason)
    insist(evil)
    await until('the end of the connection', () => evil.connection.status !== 'open')
    expect(victim.heard).toEqual([{ from: evil.address, bytes: Uint8Array.of(1) }])
    expect(victim.transport.stats()).toMatchObject({ receivedMessages: 1, links: 0 })
    expect([victim.failures, victim.lost]).toEqual([[], []])
  }
)

test('a connection with other streams stays open; only the streams of the group end', async () => {
  const victim = await startPeer()
  await victim.node.handle(OTHER, () => {})
  const evil = await stubborn(victim)
  const other = await evil.connection.newStream(OTHER)
  victim.transport.dismiss!(evil.address, 'banned')
  insist(evil)
  await until('the end of the stream', () => evil.stream.status !== 'open')
  expect([other.status, evil.connection.status]).toEqual(['open', 'open'])
  expect(victim.heard).toHaveLength(1)
})

test('messages on the stream of a link that was closed for another are not delivered', async () => {
  const victim = await startPeer({ limits: { links: 1 } })
  const first = await stubborn(victim)
  const second = await stubborn(victim)
  insist(first)
  await until('the end of the stream', () => first.stream.status !== 'open')
  second.say(Uint8Array.of(3))
  await until('the second', () => victim.heard.length === 3)
  expect(victim.heard.map(({ from }) => from)).toEqual([
    first.address,
    second.address,
    second.address
  ])
})
