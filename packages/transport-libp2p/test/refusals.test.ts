import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { multiaddr } from '@multiformats/multiaddr'
import { packFrames } from '@rumormill/framing'
import { describe, expect, test } from 'vitest'
import { allowOnly, generatePsk } from '../src/node/index.ts'
import { codeOf, PROTOCOL, startNode, startPeer, until, type Peer } from './nodes.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Shows that `peer` still serves. */
async function serves(peer: Peer): Promise<void> {
  const friend = await startPeer()
  const before = peer.heard.length
  await friend.send(peer.address, bytes('still there?'))
  await until('an honest message', () => peer.heard.length === before + 1)
}

/** A bare libp2p node with a stream to `peer`, to say what an honest transport would not. */
async function stranger(
  peer: Peer
): Promise<{ say(...frames: Uint8Array[]): void; status(): string; address: string }> {
  const node = await startNode()
  const stream = await node.dialProtocol(multiaddr(peer.address), PROTOCOL)
  stream.addEventListener('close', () => {})
  return {
    say: (...frames) => packFrames(frames).forEach((piece) => stream.send(piece)),
    status: () => stream.status,
    address: node.getMultiaddrs()[0]!.toString()
  }
}

describe('nothing reaches the core from', () => {
  test('a plaintext client, a client that says nothing, or half a handshake', async () => {
    const peer = await startPeer()
    const sockets = [
      bytes('GET / HTTP/1.1\r\n\r\n'),
      bytes(''),
      bytes('\u0013/multistream/1.0.0\n\u0007/noise\n')
    ].map((first) => {
      const socket = connect(peer.port, '127.0.0.1').on('error', () => {})
      socket.write(first)
      return socket
    })
    await serves(peer)
    expect(peer.heard).toHaveLength(1)
    for (const socket of sockets) socket.destroy()
  })

  test('a peer with another key than the id in its address', async () => {
    const [a, b, c] = [await startPeer(), await startPeer(), await startPeer()]
    const lie = b.address.replace(/\/p2p\/.*/, `/p2p/${c.node.peerId.toString()}`)
    const error = (await a.send(lie, bytes('x')).catch((reason: Error) => reason)) as Error
    expect(error).toMatchObject({ code: 'UNREACHABLE' })
    expect(error.message).toContain('cannot prove the id')
    expect(b.heard).toEqual([])
  })

  test('a peer that announces the address of another id', async () => {
    const [a, victim] = [await startPeer(), await startPeer()]
    const liar = await stranger(a)
    liar.say(bytes(victim.address), bytes('in its name'))
    await until('the refusal', () => a.failures.length === 1)
    expect(a.failures[0]).toMatchObject({
      code: 'INVALID_ADDRESS',
      message: expect.stringContaining('claims to be') as string
    })
    await until('the end of the stream', () => liar.status() !== 'open')
    expect(a.heard).toEqual([])
  })

  test('a peer whose hello makes no sense, or is too long, or never comes', async () => {
    const a = await startPeer({ deadlines: { helloMs: 300 } })
    const liars = [await stranger(a), await stranger(a), await stranger(a)]
    liars[0]!.say(bytes('not an address'))
    liars[1]!.say(new Uint8Array(300))
    await until('the refusals', () => a.failures.length === 3)
    expect(a.failures.map(({ code }) => code).toSorted()).toEqual([
      'INVALID_ADDRESS',
      'MESSAGE_TOO_LARGE',
      'TIMED_OUT'
    ])
    await serves(a)
  })

  test('a frame over the limit, or empty', async () => {
    const a = await startPeer({ maxMessageBytes: 1000 })
    const liars = [await stranger(a), await stranger(a)]
    liars[0]!.say(bytes(liars[0]!.address), new Uint8Array(1001))
    liars[1]!.say(bytes(liars[1]!.address), new Uint8Array(0))
    await until('the refusals', () => a.failures.length === 2)
    expect(a.failures.map(({ code }) => code).toSorted()).toEqual([
      'MALFORMED_MESSAGE',
      'MESSAGE_TOO_LARGE'
    ])
    expect(a.heard).toEqual([])
    expect(a.transport.stats().refused).toBe(2)
  })

  test('a flood of streams', async () => {
    const a = await startPeer({ limits: { inboundStreams: 4 } })
    const node = await startNode()
    const connection = await node.dial(multiaddr(a.address))
    await Promise.allSettled(
      Array.from({ length: 60 }, () => connection.newStream(PROTOCOL, { maxOutboundStreams: 100 }))
    )
    const inbound =
      a.node
        .getConnections(node.peerId)[0]
        ?.streams.filter(({ protocol }) => protocol === PROTOCOL) ?? []
    expect(inbound.length).toBeLessThanOrEqual(4)
    await serves(a)
  })
})

test('a host that accepts and says nothing is UNREACHABLE in time', async () => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const [a, b] = [await startPeer({ deadlines: { connectMs: 300 } }), await startPeer()]
  const there = b.address.replace(
    `/tcp/${b.port}/`,
    `/tcp/${(silent.address() as AddressInfo).port}/`
  )
  const sinceMs = performance.now()
  expect(await codeOf(a.send(there, bytes('x')))).toBe('UNREACHABLE')
  expect(performance.now() - sinceMs).toBeLessThan(3000)
  silent.close()
})

describe('closed groups', () => {
  test(
    'a pre-shared key: without it, or with another one, nobody gets in',
    { timeout: 30_000 },
    async () => {
      const psk = generatePsk()
      const [a, b] = [await startPeer({ psk }), await startPeer({ psk })]
      const strangers = [await startPeer(), await startPeer({ psk: generatePsk() })]
      for (const each of strangers)
        expect(await codeOf(each.send(a.address, bytes('x')))).toBe('UNREACHABLE')
      await b.send(a.address, bytes('friend'))
      await until('the friend', () => a.heard.length === 1)
      expect(a.heard[0]!.from).toBe(b.address)
    }
  )

  test('an allow-list: only these ids, both ways', async () => {
    const [friend, other] = [await startPeer(), await startPeer()]
    const a = await startPeer({ gater: allowOnly([friend.node.peerId.toString()]) })
    expect(await codeOf(a.send(other.address, bytes('x')))).toBe('UNREACHABLE')
    await other.send(a.address, bytes('x')).catch(() => {})
    await friend.send(a.address, bytes('hello'))
    await until('the friend', () => a.heard.length === 1)
    expect(a.heard[0]!.from).toBe(friend.address)
    expect(other.heard).toEqual([])
  })
})

test(
  'a thousand connection attempts: memory flat, service goes on',
  { timeout: 30_000 },
  async () => {
    const [a, friend] = [await startPeer(), await startPeer()]
    await friend.send(a.address, bytes('before'))
    const before = process.memoryUsage().rss
    for (let round = 0; round < 10; round++) {
      const sockets = Array.from({ length: 100 }, () =>
        connect(a.port, '127.0.0.1').on('error', () => {})
      )
      await Promise.race([once(sockets[99]!, 'connect'), once(sockets[99]!, 'close')])
      await friend.send(a.address, bytes('meanwhile'))
      for (const socket of sockets) socket.destroy()
    }
    await until('the friend', () => a.heard.length === 11)
    // New peers from the same address are admitted again when the second is over.
    await until(
      'a newcomer',
      () => {
        void serves(a).catch(() => {})
        return a.heard.length > 11
      },
      10_000
    )
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 2 ** 20)
  }
)
