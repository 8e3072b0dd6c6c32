import { fork, type ChildProcess } from 'node:child_process'
import { mkdtempSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { libp2pTransport } from '../src/index.ts'
import { createNode } from '../src/node/index.ts'
import { codeOf, PROTOCOL, startNode, startPeer, until } from './nodes.ts'
import { startProxy } from './proxy.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('on the way', () => {
  test('nothing can be read, and a flipped bit harms only that link', async () => {
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
  test('carries both ways on one connection', async () => {
    const [a, b] = [await startPeer(), await startPeer()]
    await a.send(b.address, bytes('ping'))
    await until('ping', () => b.heard.length === 1)
    await b.send(b.heard[0]!.from, bytes('pong'))
    await until('pong', () => a.heard.length === 1)
    expect(a.node.getConnections(b.node.peerId)).toHaveLength(1)
    expect([a.heard[0]!.from, b.heard[0]!.from]).toEqual([b.address, a.address])
  })

  test('a simultaneous dial ends with one, and loses nothing', { timeout: 15_000 }, async () => {
    const [a, b] = [await startPeer(), await startPeer()]
    await Promise.all([a.send(b.address, bytes('1')), b.send(a.address, bytes('1'))])
    await until('both', () => a.heard.length === 1 && b.heard.length === 1)
    await until(
      'one connection',
      () => [a, b].every(({ node }) => node.getConnections().length === 1),
      8000
    )
    await a.send(b.address, bytes('2'))
    await b.send(a.address, bytes('2'))
    await until('both again', () => a.heard.length === 2 && b.heard.length === 2)
  })

  test('a peer that stops, and comes back with the same id and port', async () => {
    const keyFile = join(mkdtempSync(join(tmpdir(), 'rumormill-')), 'key')
    const first = await createNode({ keyFile })
    const transport = libp2pTransport({ node: first })
    const address = await transport.start(
      { receive: () => {}, fail: () => {} },
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

  test('what was taken arrives, though transport and node stop at once', async () => {
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

  test('a key file that is no key is told so', async () => {
    const keyFile = join(mkdtempSync(join(tmpdir(), 'rumormill-')), 'key')
    writeFileSync(keyFile, 'rubbish')
    expect(await codeOf(createNode({ keyFile }))).toBe('INVALID_CONFIG')
  })

  test('a full queue is OVERLOADED, and memory stays bounded', async () => {
    const limits = { queuedBytesPerLane: 300_000, partialBytes: 300_000 }
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

  test('megabytes both ways arrive whole and in order', { timeout: 20_000 }, async () => {
    const [a, b] = [await startPeer(), await startPeer()]
    const messages = Array.from({ length: 40 }, (_, n) => new Uint8Array(200_000).fill(n))
    const each = async (from: typeof a, to: typeof b): Promise<void> => {
      for (const message of messages) await from.send(to.address, message)
    }
    await Promise.all([each(a, b), each(b, a)])
    await until('all', () => a.heard.length === 40 && b.heard.length === 40, 15_000)
    for (const { heard } of [a, b])
      expect(heard.map(({ bytes: message }) => message[199_999])).toEqual(messages.map((_, n) => n))
  })
})

/** A peer in a process of its own, that can be frozen. */
async function startChild(): Promise<{ child: ChildProcess; address: string }> {
  const child = fork(new URL('./frozen-child.mjs', import.meta.url), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc']
  })
  const address = await new Promise<string>((resolve) =>
    child.once('message', (message) => resolve(message as string))
  )
  return { child, address }
}

test('stop does not wait until a frozen peer is noticed', { timeout: 8000 }, async () => {
  const [{ child, address }, a] = [await startChild(), await startPeer()]
  try {
    await a.send(address, bytes('before'))
    child.kill('SIGSTOP')
    await a.send(address, bytes('not read'))
    await a.transport.stop()
    expect(a.transport.stats().links).toBe(0)
  } finally {
    child.kill('SIGKILL')
  }
})

test('a frozen peer is noticed within 20 s, and delays nobody', { timeout: 40_000 }, async () => {
  const { child, address } = await startChild()
  try {
    const [a, friend] = [await startPeer(), await startPeer()]
    await a.send(address, bytes('before'))
    child.kill('SIGSTOP')
    const sinceMs = performance.now()
    let noticed = false
    while (!noticed && performance.now() - sinceMs < 25_000) {
      await a.send(friend.address, bytes('meanwhile'))
      noticed = a.node
        .getConnections()
        .every(({ remotePeer }) => !address.endsWith(remotePeer.toString()))
      await new Promise((resolve) => setTimeout(resolve, 250))
    }
    expect(performance.now() - sinceMs).toBeLessThan(20_000)
    await until('the friend', () => friend.heard.length > 20)
  } finally {
    child.kill('SIGKILL')
  }
})

test('two transports of one group cannot share a node; of two groups they can', async () => {
  const node = await startNode()
  const receiver = { receive: () => {}, fail: () => {} }
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
