import { mkdtempSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { libp2pTransport } from '../src/index.ts'
import { createNode } from '../src/node/index.ts'
import { startChild } from './child.ts'
import { codeOf, PROTOCOL, startNode, startPeer, until } from './nodes.ts'
import { startProxy } from './proxy.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('on the network', () => {
  test('no plaintext is visible, and a flipped bit affects only that link', async () => {
    const [a, b, c] = [await startPeer(), await startPeer(), await startPeer()]
    const proxy = await startProxy(b.port)
    const through = b.address.replace(`/tcp/${b.port}/`, `/tcp/${proxy.port}/`)
    const secret = bytes('the secret that nobody shall read')
    await a.send(through, secret)
    await until('the secret', () => b.heard.length === 1)
    expect(proxy.captured().length).toBeGreaterThan(200)
    expect(proxy.captured().includes(Buffer.from(secret))).toBe(false)
    await c.send(b.address, bytes('by another way'))
    proxy.flipOne(100)
    await a.send(through, new Uint8Array(1000)).catch(() => {})
    await until('the end of the link', () => a.node.getConnections(b.node.peerId).length === 0)
    await c.send(b.address, bytes('still there'))
    await until('the other link', () =>
      b.heard.some(({ bytes: heard }) => Buffer.from(heard).toString() === 'still there')
    )
    expect(b.heard).toHaveLength(3)
    await proxy.stop()
  })
})

describe('a link', () => {
  test('carries both directions on one connection', async () => {
    const [a, b] = [await startPeer(), await startPeer()]
    await a.send(b.address, bytes('ping'))
    await until('ping', () => b.heard.length === 1)
    await b.send(b.heard[0]!.from, bytes('pong'))
    await until('pong', () => a.heard.length === 1)
    expect(a.node.getConnections(b.node.peerId)).toHaveLength(1)
    expect([a.heard[0]!.from, b.heard[0]!.from]).toEqual([b.address, a.address])
  })

  test('a simultaneous dial ends with one connection, and loses nothing', async () => {
    const [a, b] = [await startPeer(), await startPeer()]
    await Promise.all([a.send(b.address, bytes('1')), b.send(a.address, bytes('1'))])
    await until('both', () => a.heard.length === 1 && b.heard.length === 1)
    await until('one connection', () =>
      [a, b].every(({ node }) => node.getConnections().length === 1)
    )
    await a.send(b.address, bytes('2'))
    await b.send(a.address, bytes('2'))
    await until('both again', () => a.heard.length === 2 && b.heard.length === 2)
  })

  test('a peer that stops and returns with the same id and port', async () => {
    const keyFile = join(mkdtempSync(join(tmpdir(), 'rumormill-')), 'key')
    const first = await createNode({ keyFile })
    const transport = libp2pTransport({ node: first })
    const address = await transport.start(
      { receive: () => {}, fail: () => {}, lost: () => {} },
      { protocol: PROTOCOL }
    )
    expect(statSync(keyFile).mode & 0o777).toBe(0o600)
    const a = await startPeer()
    await a.send(address, bytes('1'))
    await transport.stop()
    await first.stop()
    await until('the loss', () => a.transport.stats().links === 0)
    expect(await codeOf(a.send(address, bytes('2')))).toBe('UNREACHABLE')
    const [port] = /\d+(?=\/p2p)/.exec(address)!
    const again = await startPeer({ keyFile, listen: [`/ip4/127.0.0.1/tcp/${port}`] })
    expect(again.address).toBe(address)
    await until('the back-off', () => a.transport.stats().links === 0)
    await again.send(a.address, bytes('3'))
    await until('the word of the returned', () => a.heard.length === 1)
    await a.send(address, bytes('4'))
    await until('the answer', () => again.heard.length === 1)
  })

  test('taken messages arrive, though transport and node stop at once', async () => {
    const [a, b] = [await startPeer(), await startPeer()]
    await a.send(b.address, new Uint8Array(1))
    await until('the first', () => b.heard.length === 1)
    await b.send(a.address, new Uint8Array(1))
    // More than fits the window of a stream, and the peer is speaking.
    await a.send(b.address, new Uint8Array(900_000))
    const speaking = Promise.allSettled(
      Array.from({ length: 20 }, () => b.send(a.address, new Uint8Array(10_000)))
    )
    await a.transport.stop()
    await a.node.stop()
    await speaking
    await until('all of it', () => b.heard.length === 2)
    expect(b.heard[1]!.bytes.length).toBe(900_000)
  })

  test('a key file without a key is INVALID_CONFIG', async () => {
    const keyFile = join(mkdtempSync(join(tmpdir(), 'rumormill-')), 'key')
    writeFileSync(keyFile, 'rubbish')
    expect(await codeOf(createNode({ keyFile }))).toBe('INVALID_CONFIG')
  })

  test('a full queue is OVERLOADED, and memory stays bounded', async () => {
    const limits = { queuedBytesPerConnection: 300_000, partialBytes: 300_000 }
    const [a, b] = [
      await startPeer({ limits, maxMessageBytes: 100_000 }),
      await startPeer({ maxMessageBytes: 100_000 })
    ]
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () => codeOf(a.send(b.address, new Uint8Array(100_000))))
    )
    expect(outcomes.filter((code) => code === 'OVERLOADED').length).toBeGreaterThanOrEqual(17)
    await until(
      'what was taken',
      () => b.heard.length === outcomes.filter((code) => code === 'resolved').length
    )
  })

  test('megabytes in both directions arrive whole and in order', async () => {
    const [a, b] = [await startPeer(), await startPeer()]
    const messages = Array.from({ length: 40 }, (_, n) => new Uint8Array(200_000).fill(n))
    const each = async (from: typeof a, to: typeof b): Promise<void> => {
      for (const message of messages) await from.send(to.address, message)
    }
    await Promise.all([each(a, b), each(b, a)])
    await until('all', () => a.heard.length === 40 && b.heard.length === 40)
    for (const { heard } of [a, b])
      expect(heard.map(({ bytes: message }) => message[199_999])).toEqual(messages.map((_, n) => n))
  })
})

test('a frozen peer delays no other peer, and stop does not wait until it is detected', async () => {
  const [frozen, a, friend] = [await startChild(), await startPeer(), await startPeer()]
  const links = (): number =>
    a.node
      .getConnections()
      .filter(({ remotePeer }) => frozen.address.endsWith(remotePeer.toString())).length
  await a.send(frozen.address, bytes('before'))
  frozen.freeze()
  await a.send(frozen.address, bytes('not read'))
  for (let n = 0; n < 20; n++) await a.send(friend.address, bytes('meanwhile'))
  await until('the friend', () => friend.heard.length === 20)
  await a.transport.stop()
  expect(a.transport.stats().links).toBe(0)
  // frozen.slow.test.ts waits until it is.
  expect(links()).toBe(1)
})

test('two transports of one group cannot share a node; of two groups they can', async () => {
  const node = await startNode()
  const receiver = { receive: () => {}, fail: () => {}, lost: () => {} }
  const transports = [
    libp2pTransport({ node }),
    libp2pTransport({ node }),
    libp2pTransport({ node })
  ]
  await transports[0]!.start(receiver, { protocol: PROTOCOL })
  expect(await codeOf(transports[1]!.start(receiver, { protocol: PROTOCOL }))).toBe(
    'ADDRESS_UNAVAILABLE'
  )
  await transports[2]!.start(receiver, { protocol: `${PROTOCOL}-other` })
  for (const transport of transports) await transport.stop()
})

describe('a refused peer', () => {
  test('receives the reason, loses its streams, and delays no other peer', async () => {
    const [a, b] = [await startPeer(), await startPeer()]
    await a.send(b.address, bytes('1'))
    await b.send(a.address, bytes('1'))
    await until('both', () => a.heard.length === 1 && b.heard.length === 1)
    a.transport.dismiss!(b.address, 'banned')
    await until('the loss', () => b.lost.length === 1)
    expect(b.lost[0]!.error.message).toContain('has banned this node')
    expect([a.lost, a.transport.stats().links]).toEqual([[], 0])
    // It did not fail: what is banned was reached. So the next attempt waits.
    expect(await codeOf(b.send(a.address, bytes('2')))).toBe('UNREACHABLE')
  })
})
