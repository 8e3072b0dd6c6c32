/** Two running nodes with one key: all nodes that can notice report it once; a restarted node is not one of two. */

import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Stream } from '@libp2p/interface'
import { multiaddr } from '@multiformats/multiaddr'
import { packFrames } from '@rumormill/stream-transport'
import { expect, test } from 'vitest'
import { decodeHello, encodeHello } from '../src/hello.ts'
import { codeOf, PROTOCOL, startNode, startPeer, until, type Peer } from './nodes.ts'

const newKeyFile = (): string => join(mkdtempSync(join(tmpdir(), 'rumormill-')), 'key')
const told = ({ failures }: Peer): string[] => failures.map(({ message }) => message)
const lastByte = ({ heard }: Peer): number | undefined => heard.at(-1)?.bytes[0]

/** A node with a key, that said hello to `peer` as one that started at `incarnation`. */
async function startedAt(
  incarnation: number,
  keyFile: string,
  peer: Peer
): Promise<{ stream: Stream; goodbyes: number[]; say(byte: number): void }> {
  const node = await startNode({ keyFile })
  const stream = await (await node.dial(multiaddr(peer.address))).newStream(PROTOCOL)
  const goodbyes: number[] = []
  stream.addEventListener('message', ({ data }) => {
    const frame = data.subarray()
    if (frame[0] === 5) goodbyes.push(frame[4]!)
  })
  const say = (...frames: Uint8Array[]): void => {
    for (const piece of packFrames(frames)) stream.send(piece)
  }
  say(encodeHello({ address: node.getMultiaddrs()[0]!.toString(), incarnation }))
  return { stream, goodbyes, say: (byte) => say(Uint8Array.of(byte)) }
}

const IDENTITY_IN_USE = 4

test('the second is refused, and all three report it once', async () => {
  const keyFile = newKeyFile()
  const c = await startPeer({ deadlines: { silentMs: 60_000 } })
  const [first, second] = [await startPeer({ keyFile }), await startPeer({ keyFile })]
  await first.send(c.address, Uint8Array.of(1))
  await until('the first', () => c.heard.length === 1)
  await second.send(c.address, Uint8Array.of(2))
  await until('what the second is told', () => second.lost.length === 1)
  expect(second.lost[0]!.error.message).toContain('another running node has the same address or id')
  await until('the words of all', () =>
    [first, second, c].every(({ failures }) => failures.length > 0)
  )
  const id = first.node.peerId.toString()
  const both = `another running node has the key of ${id}, too; ${c.address} is connected to both`
  expect([told(first), told(second)]).toEqual([
    [expect.stringContaining(both)],
    [expect.stringContaining(both)]
  ])
  expect(c.failures).toMatchObject([
    {
      code: 'INVALID_ADDRESS',
      message: expect.stringContaining('the other one, at 127.0.0.1, was refused') as string
    }
  ])
  await until('the end of its connection', () => second.node.getConnections().length === 0)
  expect(await codeOf(second.send(c.address, Uint8Array.of(3)))).toBe('UNREACHABLE')
  await first.send(c.address, Uint8Array.of(4))
  await until('the first again', () => c.heard.length === 2)
  await c.send(first.address, Uint8Array.of(5))
  await until('the answer', () => first.heard.length === 1)
  expect([lastByte(c), second.heard, first.lost]).toEqual([4, [], []])
})

test('a restarted node is no twin of itself, until its predecessor sends again', async () => {
  const keyFile = newKeyFile()
  const silentMs = 300
  const c = await startPeer({ deadlines: { silentMs } })
  const before = await startedAt(1000, keyFile, c)
  before.say(1)
  await until('the first', () => lastByte(c) === 1)
  // As a process that was killed, or a host that lost its network.
  await new Promise((resolve) => setTimeout(resolve, 2 * silentMs))
  const after = await startedAt(2000, keyFile, c)
  after.say(2)
  await until('the second', () => lastByte(c) === 2)
  expect([before.goodbyes, after.goodbyes, told(c)]).toEqual([[], [], []])
  before.say(3)
  await until('the end of the second', () => after.stream.status !== 'open')
  expect([before.goodbyes, after.goodbyes]).toEqual([[IDENTITY_IN_USE], [IDENTITY_IN_USE]])
  expect(told(c)).toEqual([expect.stringContaining('another running node has the key of')])
  before.say(4)
  await until('the first again', () => lastByte(c) === 4)
})

test('a node does not report itself, and its own id is not a peer', async () => {
  const [a, b] = [await startPeer(), await startPeer()]
  await a.send(b.address, Uint8Array.of(1))
  await b.send(a.address, Uint8Array.of(2))
  await until('both', () => a.heard.length === 1 && b.heard.length === 1)
  expect([a.failures, b.failures]).toEqual([[], []])
  await expect(a.send(a.address, Uint8Array.of(3))).rejects.toThrow(
    'is this node, or another that has its key'
  )
})

test('a hello: the address, a zero, the time of the start, and fields of later versions', () => {
  const hello = encodeHello({ address: '/ip4/10.0.0.1', incarnation: 1_700_000_000_000 })
  expect(Buffer.from(hello).toString('hex')).toBe(
    `${Buffer.from('/ip4/10.0.0.1').toString('hex')}000000018bcfe56800`
  )
  const later = Uint8Array.of(...hello, 7, 7)
  const alone = new TextEncoder().encode('/ip4/10.0.0.1')
  expect([decodeHello(later), decodeHello(alone)]).toEqual([
    { address: '/ip4/10.0.0.1', incarnation: 1_700_000_000_000 },
    { address: '/ip4/10.0.0.1', incarnation: 0 }
  ])
})
