/** One test for each limit and each deadline, between real nodes. What was refused is asserted, not only the outcome. */

import type { Stream } from '@libp2p/interface'
import { FRAME_KIND, packFrames } from '@rumormill/stream-transport'
import { describe, expect, test } from 'vitest'
import { codeOf, PROTOCOL, startNode, startPeer, until, type Peer } from './nodes.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Far beyond what these tests take, so that nothing else strikes. */
const PATIENT = { answerMs: 60_000, writeMs: 60_000, silentMs: 60_000, frameMs: 60_000 }

/** A stream to `peer` from a node made by hand, which has said hello. */
async function streamTo(peer: Peer): Promise<Stream> {
  const node = await startNode()
  const stream = await node.dialProtocol(peer.node.getMultiaddrs(), PROTOCOL)
  send(stream, bytes(node.getMultiaddrs()[0]!.toString()))
  return stream
}

function send(stream: Stream, ...frames: Parameters<typeof packFrames>[0]): void {
  for (const piece of packFrames(frames)) stream.send(piece)
}

/** The address of a node that takes streams and reads none of them. */
async function frozen(): Promise<string> {
  const node = await startNode()
  await node.handle(PROTOCOL, (stream) => {
    stream.pause()
  })
  return node.getMultiaddrs()[0]!.toString()
}

const part = (length: number): { kind: number; body: Uint8Array } => ({
  kind: FRAME_KIND.part,
  body: new Uint8Array(length)
})

describe('limits', () => {
  test('links: the longest-idle one is closed, and its peer does not count as lost', async () => {
    const a = await startPeer({ limits: { links: 2 } })
    const others = [await startPeer(), await startPeer(), await startPeer()]
    for (const other of others) {
      await a.send(other.address, bytes('x'))
      await until('the message', () => other.heard.length === 1)
    }
    expect(a.transport.stats().links).toBe(2)
    await a.send(others[0]!.address, bytes('again'))
    await until('the message', () => others[0]!.heard.length === 2)
    expect([...a.lost, ...others.flatMap(({ lost }) => lost)]).toEqual([])
  })

  test('links: when all are busy, a further one is refused', async () => {
    const a = await startPeer({ limits: { links: 1 }, deadlines: PATIENT })
    const busy = codeOf(a.send(await frozen(), new Uint8Array(2 ** 20)))
    await until('the link', () => a.transport.stats().sentBytes > 0)
    const b = await startPeer()
    expect(await codeOf(a.send(b.address, bytes('x')))).toBe('OVERLOADED')
    await a.transport.stop()
    expect(await busy).toBe('NOT_RUNNING')
  })

  test('the messages queued on one link', async () => {
    const [a, b] = [
      await startPeer({ limits: { queuedFramesPerConnection: 10 } }),
      await startPeer()
    ]
    const codes = await Promise.all(
      Array.from({ length: 12 }, () => codeOf(a.send(b.address, bytes('x'))))
    )
    expect(codes.filter((code) => code === 'OVERLOADED')).toHaveLength(2)
    await until('the rest', () => b.heard.length === 10)
  })

  test('the bytes queued on all links: the one whose peer has not read for longest is closed', async () => {
    const limits = { queuedBytes: 3_000_000, queuedBytesPerConnection: 2_000_000 }
    const a = await startPeer({ limits, deadlines: PATIENT })
    const [first, second] = [await frozen(), await frozen()]
    const stuck = [first, second].map((to) => codeOf(a.send(to, new Uint8Array(2 ** 20))))
    await until('both links', () => a.transport.stats().sentBytes > 8000)
    const b = await startPeer()
    await a.send(b.address, new Uint8Array(2 ** 20))
    expect(await stuck[0]).toBe('OVERLOADED')
    expect(a.lost.map(({ peer, error }) => [peer, error.code])).toEqual([[first, 'OVERLOADED']])
    await until('the message', () => b.heard.length === 1)
  })

  test('half-received messages: the stream with the oldest is closed', async () => {
    const limits = { partialBytes: 1_500_000 }
    const b = await startPeer({ limits, deadlines: PATIENT })
    const [slow, fast] = [await streamTo(b), await streamTo(b)]
    for (const stream of [slow, fast]) {
      for (let n = 0; n < 14; n++) send(stream, part(65_536))
      const least = stream === slow ? 900_000 : 0
      await until('the parts', () => b.transport.stats().partialBytes > least)
    }
    await until('the refusal', () => b.transport.stats().refused === 1)
    expect(b.failures.map(({ code }) => code)).toEqual(['OVERLOADED'])
    send(fast, { kind: FRAME_KIND.lastPart, body: bytes('end') })
    await until('the message', () => b.heard.length === 1)
    expect(slow.status).not.toBe('open')
  })
})

describe('deadlines', () => {
  test('a message that arrives too slowly closes the stream in spite of its bytes', async () => {
    const b = await startPeer({ deadlines: { frameMs: 300 } })
    const stream = await streamTo(b)
    send(stream, part(100))
    const trickle = setInterval(() => {
      if (stream.status === 'open') send(stream, part(1))
    }, 50)
    await until('the refusal', () => b.transport.stats().refused === 1)
    clearInterval(trickle)
    expect(b.failures.map(({ code }) => code)).toEqual(['TIMED_OUT'])
    expect([b.transport.stats().partialBytes, b.heard]).toEqual([0, []])
  })

  test('a peer that answers pings but no longer reads is given up', async () => {
    const a = await startPeer({ deadlines: { ...PATIENT, writeMs: 500 } })
    const address = await frozen()
    expect(await codeOf(a.send(address, new Uint8Array(2 ** 20)))).toBe('TIMED_OUT')
    expect(a.lost.map(({ peer, error }) => [peer, error.code])).toEqual([[address, 'TIMED_OUT']])
  })

  test('a frozen peer is lost within silentMs and answerMs, and reported once', async () => {
    const a = await startPeer({ deadlines: { silentMs: 300, answerMs: 500 } })
    const address = await frozen()
    await a.send(address, bytes('x'))
    await until('the loss', () => a.lost.length > 0)
    expect(a.lost).toMatchObject([{ peer: address, error: { code: 'UNREACHABLE' } }])
    expect(a.lost[0]!.error.message).toMatch(/has been silent for \d\.\d s and answers no ping/)
    expect(a.node.getConnections()).toEqual([])
  })

  test('an idle link is closed without a loss, unless its peer is watched', async () => {
    const a = await startPeer({ deadlines: { idleMs: 700, silentMs: 200 } })
    const [b, c] = [await startPeer(), await startPeer()]
    for (const { address } of [b, c]) await a.send(address, bytes('x'))
    a.transport.watch([c.address])
    await until('the end of one link', () =>
      b.node.getConnections().every(({ streams }) => streams.length === 0)
    )
    await new Promise((resolve) => setTimeout(resolve, 1500))
    expect(a.transport.stats().links).toBe(1)
    expect([a.lost, b.lost, c.lost]).toEqual([[], [], []])
  })
})
