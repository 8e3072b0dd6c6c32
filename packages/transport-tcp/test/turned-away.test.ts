/** A peer that breaks the protocol loses its connection and gets the reason; neither the claimed peer nor its host is affected. */

import { binaryCodec } from '@rumormill/codec-binary'
import {
  createGossip,
  staticPeers,
  type GossipEvent,
  type GossipService
} from '@rumormill/protocol'
import { expect, onTestFinished, test } from 'vitest'
import { tcpTransport } from '../src/index.ts'
import { bytesOf, hello, strangeListener, strangerTo, until, type Stranger } from './harness.ts'

const GROUP = '/rumormill/1/default/binary'
/** Messages of a kind that is known, cut short. */
const GARBAGE = Array.from({ length: 12 }, () =>
  binaryCodec()
    .encode({ kind: 'digest-request', digests: new Uint8Array(32) })
    .subarray(0, 9)
)

interface Member {
  readonly gossip: GossipService
  readonly address: string
  readonly heard: string[]
  readonly events: GossipEvent[]
}

async function member(
  peers: readonly string[] = [],
  authorize?: (peer: string) => boolean
): Promise<Member> {
  const heard: string[] = []
  const events: GossipEvent[] = []
  const gossip = createGossip({
    transport: tcpTransport(),
    codec: binaryCodec(),
    peerSource: staticPeers(peers),
    preset: 'local',
    handler: { onUpdate: ({ content }) => void heard.push(Buffer.from(content).toString()) },
    observe: (event) => void events.push(event),
    ...(authorize && { authorize })
  })
  onTestFinished(() => gossip.stop({ graceMs: 0 }))
  return { gossip, address: await gossip.start(), heard, events }
}

const violations = ({ events }: Member): GossipEvent[] =>
  events.filter(({ kind }) => kind === 'violation')

test('a stranger that claims the address of a peer loses its connection, and the peer is not affected', async () => {
  const a = await member()
  const peer = await member([a.address])
  await peer.gossip.ready()
  const stranger = await strangerTo(a.address)
  stranger.say(hello(peer.address, GROUP))
  await until(() => expect(stranger.frames.length).toBeGreaterThan(0))
  stranger.say(...GARBAGE)
  await stranger.closed
  expect(stranger.goodbyes).toEqual(['banned'])
  expect(violations(a).at(-1)).toMatchObject({ peer: peer.address, bannedMs: 0 })
  expect(a.gossip.stats().bannedPeers).toBe(0)
  for (const node of [a, peer]) node.gossip.submit(Buffer.from(node.address))
  await until(() => expect([a.heard, peer.heard]).toEqual([[peer.address], [a.address]]))
})

test('a dialled peer is banned by its address: it is notified, and again when it returns', async () => {
  const dialled: Stranger[] = []
  const bad = await strangeListener((stranger) => {
    dialled.push(stranger)
    stranger.say(hello(bad, GROUP), ...GARBAGE)
  })
  const a = await member([bad])
  await until(() => expect(a.gossip.stats().bannedPeers).toBe(1))
  await until(() => expect(dialled[0]!.goodbyes).toEqual(['banned']))
  const again = await strangerTo(a.address)
  again.say(hello(bad, GROUP))
  await until(() => expect(again.frames.length).toBeGreaterThan(0))
  again.say(bytesOf(1))
  await again.closed
  expect(again.goodbyes).toEqual(['banned'])
})

test('an unauthorized node is notified, and reports why it receives nothing', async () => {
  const a = await member([], () => false)
  const stranger = await member([a.address])
  await until(() =>
    expect(stranger.events).toContainEqual(
      expect.objectContaining({
        kind: 'failed',
        error: expect.objectContaining({
          message: expect.stringContaining('refuses this node') as string
        }) as Error
      })
    )
  )
  expect(violations(a)).toEqual([])
})
