/** Nodes of different releases in one group, over real sockets: compatible ones communicate, and others report why not, once. */

import { binaryCodec } from '@rumormill/codec-binary'
import { createGossip, staticPeers, type GossipEvent } from '@rumormill/protocol'
import { describe, expect, onTestFinished, test } from 'vitest'
import { objection } from '../src/greeting.ts'
import { decodeHello, type VersionRange } from '../src/hello.ts'
import { tcpTransport } from '../src/index.ts'
import {
  bytesOf,
  codeOf,
  hello,
  LABEL,
  startNode,
  strangeListener,
  strangerTo,
  until
} from './harness.ts'

const NEXT = { first: 1, last: 2 }
const AFTER_NEXT = { first: 2, last: 3 }

/** The hello of a later release: all flags set, and fields after them that nobody here knows. */
function laterHello(
  address: string,
  versions: VersionRange,
  { label = LABEL, status = 'welcome' as const } = {}
): Uint8Array {
  const known = hello(address, label, status, versions)
  known.fill(0xff, known.length - 12, known.length - 8)
  return Uint8Array.from([...known, 0, 3, 7, 7, 7])
}

describe('a peer of the next release, which still reads messages of this one', () => {
  test('joins by dialling, and messages go both ways', async () => {
    const a = await startNode()
    const peer = await strangerTo(a.address)
    peer.say(laterHello('127.0.0.1:7', NEXT), bytesOf(1, 2, 3))
    await until(() =>
      expect(a.received).toEqual([{ from: '127.0.0.1:7', bytes: bytesOf(1, 2, 3) }])
    )
    await a.send('127.0.0.1:7', bytesOf(4))
    await until(() => expect(peer.frames[1]).toEqual(bytesOf(4)))
    expect(decodeHello(peer.frames[0]!)).toMatchObject({
      status: 'welcome',
      versions: { first: 1, last: 1 }
    })
    expect(a.failures).toEqual([])
  })

  test('is dialled, and messages go both ways', async () => {
    const a = await startNode()
    const frames: Uint8Array[][] = []
    const address = await strangeListener((peer) => {
      frames.push(peer.frames)
      peer.say(laterHello(address, NEXT), bytesOf(1, 2, 3))
    })
    await a.send(address, bytesOf(4))
    await until(() => expect(a.received).toEqual([{ from: address, bytes: bytesOf(1, 2, 3) }]))
    await until(() => expect(frames[0]![1]).toEqual(bytesOf(4)))
  })
})

describe('a peer that reads no message of this release', () => {
  const words =
    /reads messages of versions 2 to 3, this node of version 1, and no version suits both/

  test('that dials is refused with a typed error on both sides, reported once however often it tries', async () => {
    const b = await startNode()
    for (let attempt = 1; attempt <= 3; attempt++) {
      const peer = await strangerTo(b.address)
      peer.say(laterHello('127.0.0.1:7', AFTER_NEXT))
      await peer.closed
      const answer = decodeHello(peer.frames[0]!)
      expect([answer.status, answer.versions]).toEqual(['other-version', { first: 1, last: 1 }])
      const self = { label: LABEL, address: '127.0.0.1:7', versions: AFTER_NEXT, incarnation: 1 }
      expect(objection(answer, self, b.address)).toMatchObject({
        code: 'PROTOCOL_MISMATCH',
        message: expect.stringContaining(
          `${b.address} reads messages of version 1, this node of versions 2 to 3, and no version suits both`
        )
      })
      expect(b.transport.stats().refused['other-protocol']).toBe(attempt)
    }
    expect(b.failures.map(({ code }) => code)).toEqual(['PROTOCOL_MISMATCH'])
    expect(b.failures[0]!.message).toMatch(words)
    expect(b.received).toEqual([])
  })

  test('is reported again when it was accepted in between, and so is another peer', async () => {
    const b = await startNode()
    const comes = async (address: string, versions: VersionRange): Promise<void> => {
      const peer = await strangerTo(b.address)
      peer.say(laterHello(address, versions))
      await until(() => expect(peer.frames.length).toBe(1))
      peer.socket.destroy()
    }
    await comes('127.0.0.1:7', AFTER_NEXT)
    await comes('127.0.0.1:8', AFTER_NEXT)
    expect(b.failures.length).toBe(2)
    await comes('127.0.0.1:7', NEXT)
    await comes('127.0.0.1:7', AFTER_NEXT)
    await comes('127.0.0.1:8', AFTER_NEXT)
    expect(b.failures.length).toBe(3)
  })

  test.each([
    ['welcome', AFTER_NEXT, words],
    ['other-version', AFTER_NEXT, words],
    // It knows why.
    ['other-version', NEXT, /reads messages of versions 1 to 2, this node of version 1, and no/]
  ] as const)(
    'that is dialled and answers %s, %o, makes sends fail with a typed error',
    async (status, versions, sentence) => {
      const a = await startNode()
      const address = await strangeListener((peer) =>
        peer.say(hello(address, LABEL, status, versions), bytesOf(1))
      )
      const error = await a.send(address, bytesOf(1)).catch((caught: Error) => caught)
      expect(error).toMatchObject({ code: 'PROTOCOL_MISMATCH' })
      expect((error as Error).message).toMatch(sentence)
      // While it backs off, too: one cause, one code.
      expect(await codeOf(a.send(address, bytesOf(1)))).toBe('PROTOCOL_MISMATCH')
      expect([a.failures, a.received, a.transport.stats().refused['other-protocol']]).toEqual([
        [],
        [],
        1
      ])
    }
  )

  test('a refusal of a later version is a refusal', async () => {
    const a = await startNode()
    const address = await strangeListener((peer) => {
      const said = hello(address)
      said[5] = 77
      peer.say(said, bytesOf(1))
    })
    const error = await a.send(address, bytesOf(1)).catch((caught: Error) => caught)
    expect(error).toMatchObject({ code: 'PROTOCOL_MISMATCH' })
    expect((error as Error).message).toMatch(/a reason that this version does not know/)
    expect([a.failures, a.received]).toEqual([[], []])
  })

  test('is reported once by a node that dials it repeatedly', async () => {
    const label = '/rumormill/1/default/binary'
    let dials = 0
    const address = await strangeListener((peer) => {
      dials++
      peer.say(laterHello(address, AFTER_NEXT, { label }))
    })
    const events: GossipEvent[] = []
    const node = createGossip({
      transport: tcpTransport({ deadlines: { firstBackOffMs: 1, longestBackOffMs: 1 } }),
      codec: binaryCodec(),
      peerSource: staticPeers([address]),
      handler: { onUpdate: () => {} },
      observe: (event) => events.push(event)
    })
    onTestFinished(() => node.stop())
    await node.start()
    await until(() => expect(dials).toBeGreaterThan(3))
    const told = events.flatMap((event) =>
      event.kind === 'failed' && event.error.code === 'PROTOCOL_MISMATCH' ? [event.peer] : []
    )
    expect(told).toEqual([address])
  })
})

describe('a peer of another group', () => {
  test('that dials repeatedly is reported once, and again when it was accepted in between', async () => {
    const b = await startNode()
    const comes = async (label: string): Promise<void> => {
      const peer = await strangerTo(b.address)
      peer.say(hello('127.0.0.1:7', label))
      await until(() => expect(peer.frames.length).toBe(1))
      peer.socket.destroy()
    }
    for (let attempt = 0; attempt < 3; attempt++) await comes('another')
    expect(b.failures).toMatchObject([{ code: 'PROTOCOL_MISMATCH' }])
    expect(b.transport.stats().refused['other-protocol']).toBe(3)
    await comes(LABEL)
    await comes('another')
    expect(b.failures).toHaveLength(2)
  })

  test('whose hello cannot be read is reported once, too', async () => {
    const b = await startNode()
    const later = hello('127.0.0.1:7')
    later[4]! += 1
    for (let attempt = 0; attempt < 3; attempt++) {
      const peer = await strangerTo(b.address)
      peer.say(later)
      await peer.closed
    }
    expect(b.failures).toMatchObject([{ code: 'PROTOCOL_MISMATCH' }])
  })
})
