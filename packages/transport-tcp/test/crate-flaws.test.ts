/** Regression tests for the flaws of the reference crate that a transport can have. */

import { describe, expect, test } from 'vitest'
import {
  bytesOf,
  codeOf,
  frozenListener,
  hello,
  startNode,
  strangeListener,
  strangerTo,
  until
} from './harness.ts'

describe('crate flaw 1: a connection for each message', () => {
  test('a thousand messages each way take one connection', async () => {
    const [a, b] = [await startNode(), await startNode()]
    for (let n = 0; n < 1000; n++) {
      await a.send(b.address, bytesOf(1))
      if (n === 0) await until(() => expect(b.received.length).toBe(1))
      await b.send(a.address, bytesOf(2))
    }
    await until(() => expect([a.received.length, b.received.length]).toEqual([1000, 1000]))
    expect(a.transport.stats().accepted + b.transport.stats().accepted).toBe(1)
  })
})

describe('crate flaw 2: one silent client stops the node', () => {
  test('fifty silent clients delay no other peer', async () => {
    const [a, b] = [await startNode(), await startNode()]
    await Promise.all(Array.from({ length: 50 }, () => strangerTo(b.address)))
    await a.send(b.address, bytesOf(1))
    await until(() => expect(b.received.length).toBe(1))
    expect(b.transport.stats().pending).toBe(50)
  })
})

describe('crate flaw 3: frames without an end', () => {
  test('an endless frame is refused by its length, before any of it is kept', async () => {
    const b = await startNode()
    const stranger = await strangerTo(b.address)
    stranger.say(hello('127.0.0.1:1'))
    await until(() => expect(stranger.frames.length).toBe(1))
    const flood = setInterval(() => stranger.socket.write(Buffer.alloc(65_536, 0xff)), 1)
    await stranger.closed
    clearInterval(flood)
    expect(b.lost.map(({ error }) => error.code)).toEqual(['MESSAGE_TOO_LARGE'])
    expect(b.transport.stats()).toMatchObject({ partialBytes: 0, inboundConnections: 0 })
  })
})

describe('crate flaw 4: no deadlines, so one dead peer holds up the rest', () => {
  test('sends to others go on while a dial hangs, and the dial ends', async () => {
    const [a, b] = [await startNode({ deadlines: { helloMs: 3000 } }), await startNode()]
    const silent = await strangeListener(() => {})
    let ended = false
    const hanging = codeOf(a.send(silent, bytesOf(1))).then((code) => {
      ended = true
      return code
    })
    for (let n = 0; n < 10; n++) await a.send(b.address, bytesOf(n))
    expect(ended).toBe(false)
    expect(await hanging).toBe('TIMED_OUT')
  })
})

describe('crate flaw 5: a short write counts as success', () => {
  test('a message larger than the kernel takes at once arrives whole', async () => {
    const big = {
      maxMessageBytes: 2 ** 25,
      limits: { queuedBytesPerConnection: 2 ** 26, partialBytes: 2 ** 26 }
    }
    const [a, b] = [await startNode(big), await startNode(big)]
    const message = new Uint8Array(2 ** 25).map((_, index) => index % 251)
    await a.send(b.address, message)
    await until(() => expect(b.received.length).toBe(1))
    expect(Buffer.compare(b.received[0]!.bytes, message)).toBe(0)
  })
})

describe('crate flaw 6: queues without a bound', () => {
  test('the bytes queued for a peer that does not read are limited, and the send rejects', async () => {
    const a = await startNode()
    const { address: frozen } = await frozenListener()
    let overloaded = 0
    for (let n = 0; n < 40; n++)
      a.send(frozen, new Uint8Array(2 ** 20)).catch(({ code }) => {
        if (code === 'OVERLOADED') overloaded++
      })
    await until(() => expect(overloaded).toBeGreaterThan(0))
    expect(a.transport.stats().queuedBytes).toBeLessThanOrEqual(4 * 2 ** 20)
  })
})

describe('crate flaw 7: the sender is whoever the message claims', () => {
  test('a forged hello is refused, and the victim is not dialled', async () => {
    let knocks = 0
    await strangeListener(() => {
      knocks++
    })
    const b = await startNode()
    for (const victim of [
      '10.1.2.3:80',
      '192.0.2.7:9000',
      '[2001:db8::1]:80',
      'no-such-host.invalid:80',
      '1.2.3:1',
      ''
    ]) {
      const stranger = await strangerTo(b.address)
      stranger.say(hello(victim), bytesOf(1))
      await stranger.closed
    }
    expect(b.transport.stats()).toMatchObject({
      dialled: 0,
      receivedMessages: 0,
      inboundConnections: 0
    })
    expect([b.received, knocks]).toEqual([[], 0])
    const { refused } = b.transport.stats()
    expect(refused['address-refused'] + refused['no-hello']).toBe(6)
    // Many of a kind are one report a second.
    const codes = new Set(b.failures.map(({ code }) => code))
    expect([...codes]).toEqual(['INVALID_ADDRESS', 'MALFORMED_MESSAGE'])
  })

  test('an answer to a claimed loopback port returns on the same connection; no third party is dialled', async () => {
    let knocks = 0
    const victim = await strangeListener(() => {
      knocks++
    })
    const b = await startNode()
    const forger = await strangerTo(b.address)
    forger.say(hello(victim))
    forger.say(bytesOf(1))
    await until(() => expect(b.received).toEqual([{ from: victim, bytes: bytesOf(1) }]))
    await b.send(victim, bytesOf(2))
    await until(() => expect(forger.frames[1]).toEqual(bytesOf(2)))
    expect([knocks, b.transport.stats().dialled]).toEqual([0, 0])
  })
})

describe('crate flaw 9: no magic, no version, no group', () => {
  test('bytes that are no hello never reach the receiver', async () => {
    const b = await startNode()
    for (const bytes of [
      Buffer.from('GET / HTTP/1.1\r\n\r\n'),
      Buffer.alloc(2000),
      Buffer.alloc(2000, 0x41)
    ]) {
      const stranger = await strangerTo(b.address)
      stranger.socket.write(bytes)
      await stranger.closed
    }
    expect(b.received).toEqual([])
    expect(b.transport.stats().refused['no-hello']).toBe(3)
  })
})

describe('crate flaw 17: identity is the address bound to', () => {
  test('port 0 becomes a real port, and 0.0.0.0 requires advertise', async () => {
    expect((await startNode()).address).toMatch(/^127\.0\.0\.1:[1-9]\d+$/)
    expect(await codeOf(startNode({ host: '0.0.0.0' }))).toBe('INVALID_CONFIG')
    expect((await startNode({ host: '0.0.0.0', advertise: 'node-a.example:9000' })).address).toBe(
      'node-a.example:9000'
    )
  })
})
