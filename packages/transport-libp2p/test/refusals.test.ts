import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { multiaddr } from '@multiformats/multiaddr'
import { packFrames } from '@rumormill/stream-transport'
import { describe, expect, test } from 'vitest'
import { allowOnly, generatePsk } from '../src/node/index.ts'
import { codeOf, PROTOCOL, startNode, startPeer, until, type Peer } from './nodes.ts'

/** What an attempt may leave behind: far less than a connection takes. */
const KEPT_BYTES = 4000

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** Shows that `peer` still serves. */
async function serves(peer: Peer): Promise<void> {
  const friend = await startPeer()
  const before = peer.heard.length
  await friend.send(peer.address, bytes('still there?'))
  await until('a correct message', () => peer.heard.length === before + 1)
}

/** A bare libp2p node with a stream to `peer`, to say what a correct transport would not. */
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
  test('a plaintext client, a client that sends nothing, or half a handshake', async () => {
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

  test('a peer whose hello is malformed, too long, or missing', async () => {
    const [a, hasty] = [await startPeer(), await startPeer({ deadlines: { helloMs: 300 } })]
    const liars = [await stranger(a), await stranger(a)]
    await stranger(hasty)
    liars[0]!.say(bytes('not an address'))
    liars[1]!.say(new Uint8Array(600))
    await until('the refusals', () => a.failures.length === 2)
    expect(a.failures.map(({ code }) => code).toSorted()).toEqual([
      'INVALID_ADDRESS',
      'MESSAGE_TOO_LARGE'
    ])
    await until('the end of patience', () => hasty.failures.length === 1)
    expect(hasty.failures[0]).toMatchObject({ code: 'TIMED_OUT' })
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

test('a host that accepts and sends nothing is UNREACHABLE in time', async () => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  const [hasty, patient] = [await startPeer({ deadlines: { connectMs: 300 } }), await startPeer()]
  const b = await startPeer()
  const there = b.address.replace(
    `/tcp/${b.port}/`,
    `/tcp/${(silent.address() as AddressInfo).port}/`
  )
  let waiting = true
  const slower = codeOf(patient.send(there, bytes('x'))).finally(() => {
    waiting = false
  })
  expect(await codeOf(hasty.send(there, bytes('x')))).toBe('UNREACHABLE')
  expect(waiting).toBe(true)
  await patient.transport.stop()
  await slower
  silent.close()
})

describe('closed groups', () => {
  test('a pre-shared key: peers without it, or with another one, are refused', async () => {
    const psk = generatePsk()
    const [a, b] = [await startPeer({ psk }), await startPeer({ psk })]
    const strangers = [await startPeer(), await startPeer({ psk: generatePsk() })]
    for (const each of strangers)
      expect(await codeOf(each.send(a.address, bytes('x')))).toBe('UNREACHABLE')
    await b.send(a.address, bytes('friend'))
    await until('the friend', () => a.heard.length === 1)
    expect(a.heard[0]!.from).toBe(b.address)
  })

  test('an allow-list: only these ids, in both directions', async () => {
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

/** What this thread holds, once what it does not hold any more is gone. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

test('a thousand connection attempts: memory stays flat, and messages still arrive', async () => {
  const [a, friend] = [await startPeer(), await startPeer()]
  await friend.send(a.address, bytes('before'))
  const held: number[] = []
  for (let round = 1; round <= 10; round++) {
    const sockets = Array.from({ length: 100 }, () =>
      connect(a.port, '127.0.0.1').on('error', () => {})
    )
    // From the start: who is refused is closed before the others are given up.
    const closed = sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve)))
    await Promise.race([
      new Promise((resolve) => sockets[99]!.once('connect', resolve)),
      closed[99]
    ])
    await friend.send(a.address, bytes('meanwhile'))
    for (const socket of sockets) socket.destroy()
    await Promise.all(closed)
    if (round % 5 === 0) held.push(heldBytes())
  }
  await until('the friend', () => a.heard.length === 11)
  // New peers from the same address are admitted again when the second is over.
  const newcomer = await startPeer()
  await until(
    'a newcomer',
    async () => (await codeOf(newcomer.send(a.address, bytes('x')))) === 'resolved'
  )
  await until('its message', () => a.heard.length === 12)
  // The second five hundred left nothing that the first had not.
  expect((held[1]! - held[0]!) / 500).toBeLessThan(KEPT_BYTES)
})
