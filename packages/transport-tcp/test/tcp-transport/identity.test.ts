/** Who a peer is, over real loopback sockets: its name, and what it says first. */

import { networkInterfaces } from 'node:os'
import { describe, expect, test } from 'vitest'
import { decodeHello } from '../../src/hello.ts'
import {
  bytesOf,
  codeOf,
  hello,
  startNode,
  strangeListener,
  strangerTo,
  until
} from '../harness.ts'

const faces = Object.values(networkInterfaces()).flat()
const hasIpv6 = faces.some((face) => face?.address === '::1')
/** An address of this machine that is not loopback; packets to ourselves do not leave it. */
const outerIp = faces.find((face) => face?.internal === false && face.family === 'IPv4')?.address

describe('names', () => {
  test('a peer dialled by name has that name as its address, and answers return on the same connection', async () => {
    const [a, b] = [await startNode(), await startNode({ host: 'localhost' })]
    expect(b.address).toMatch(/^localhost:\d+$/)
    await a.send(b.address, bytesOf(1))
    await until(() => expect(b.received.length).toBe(1))
    await b.send(a.address, bytesOf(2))
    await until(() => expect(a.received).toEqual([{ from: b.address, bytes: bytesOf(2) }]))
  })

  test('the name is exactly the one that was dialled, so that answers can be matched', async () => {
    const [a, b] = [await startNode(), await startNode()]
    const name = b.address.replace('127.0.0.1', 'LocalHost')
    await a.send(name, bytesOf(1))
    await until(() => expect(b.received.length).toBe(1))
    await b.send(a.address, bytesOf(2))
    await until(() => expect(a.received).toEqual([{ from: name, bytes: bytesOf(2) }]))
  })

  test.skipIf(outerIp === undefined)(
    'a node that listens on one of several addresses also dials from it',
    async () => {
      const [a, b] = [await startNode({ host: outerIp! }), await startNode()]
      await a.send(b.address, bytesOf(1))
      await until(() => expect(b.received.map(({ from }) => from)).toEqual([a.address]))
    }
  )

  test.skipIf(!hasIpv6)('IPv6 addresses are sent in brackets, compressed', async () => {
    const [a, b] = [await startNode({ host: '0:0:0:0:0:0:0:1' }), await startNode({ host: '::1' })]
    expect(a.address).toMatch(/^\[::1\]:\d+$/)
    await a.send(b.address, bytesOf(1))
    await until(() => expect(b.received).toEqual([{ from: a.address, bytes: bytesOf(1) }]))
  })

  test('a node on 0.0.0.0 advertises the given host with the real port', async () => {
    const [a, b] = [
      await startNode({ host: '0.0.0.0', advertise: { host: '127.0.0.1' } }),
      await startNode()
    ]
    expect(a.address).toMatch(/^127\.0\.0\.1:[1-9]\d*$/)
    expect([a.transport.reachable, b.transport.reachable]).toEqual([true, false])
    await b.send(a.address, bytesOf(1))
    await until(() => expect(a.received.length).toBe(1))
  })

  test('an advertised host that differs from the remote host is refused on both sides', async () => {
    const [a, b] = [await startNode({ advertise: { host: '10.9.8.7' } }), await startNode()]
    expect(await codeOf(a.send(b.address, bytesOf(1)))).toBe('INVALID_ADDRESS')
    expect(b.failures.map(({ code }) => code)).toEqual(['INVALID_ADDRESS'])
    expect([b.received, b.transport.stats().refused['address-refused']]).toEqual([[], 1])
  })

  test('trustAdvertisedHosts accepts it, and answers return on its connection', async () => {
    const [a, b] = [
      await startNode({ advertise: '10.9.8.7:1' }),
      await startNode({ trustAdvertisedHosts: true })
    ]
    await a.send(b.address, bytesOf(1))
    await until(() => expect(b.received.map(({ from }) => from)).toEqual(['10.9.8.7:1']))
    await b.send('10.9.8.7:1', bytesOf(2))
    await until(() => expect(a.received).toEqual([{ from: b.address, bytes: bytesOf(2) }]))
    expect(b.transport.stats().dialled).toBe(0)
  })
})

describe('hello', () => {
  test('another network is reported on both sides, once for each attempt, with both labels', async () => {
    const [a, b] = [await startNode(), await startNode({}, '/rumormill/1/other/none')]
    const error = await a.send(b.address, bytesOf(1)).catch((caught: Error) => caught)
    expect(error).toMatchObject({ code: 'PROTOCOL_MISMATCH' })
    for (const { message } of [error as Error, b.failures[0]!]) {
      expect(message).toContain('/rumormill/1/test/none')
      expect(message).toContain('/rumormill/1/other/none')
      expect(message).toContain('another network name')
    }
    expect([b.failures.length, a.failures.length, b.received.length]).toEqual([1, 0, 0])
  })

  test('another codec and another version are named as such', async () => {
    const a = await startNode()
    const codec = await startNode({}, '/rumormill/1/test/json')
    const version = await startNode({}, '/rumormill/2/test/none')
    const messageOf = (to: string): Promise<string> =>
      a.send(to, bytesOf(1)).then(
        () => '',
        (error: Error) => error.message
      )
    expect(await messageOf(codec.address)).toContain('another codec')
    expect(await messageOf(version.address)).toContain('another version')
  })

  test('a peer that speaks another protocol is refused after four bytes', async () => {
    const b = await startNode()
    const stranger = await strangerTo(b.address)
    stranger.socket.write('GET / HTTP/1.1\r\n\r\n')
    await stranger.closed
    expect(b.failures.map(({ code }) => code)).toEqual(['MALFORMED_MESSAGE'])
    expect(b.failures[0]!.message).toContain('the peer speaks HTTP')
    expect(b.transport.stats().refused['no-hello']).toBe(1)
  })

  test('messages may follow the hello at once, even large ones in its chunk', async () => {
    const a = await startNode()
    const address = await strangeListener((stranger) =>
      stranger.say(hello(address), new Uint8Array(5000), bytesOf(1))
    )
    await a.send(address, bytesOf(1))
    await until(() =>
      expect(a.received.map(({ from, bytes }) => [from, bytes.length])).toEqual([
        [address, 5000],
        [address, 1]
      ])
    )
  })

  test('a peer that answers with the address of this node is recognized', async () => {
    const a = await startNode()
    const address = await strangeListener((stranger) => stranger.say(hello(a.address)))
    expect(await codeOf(a.send(address, bytesOf(1)))).toBe('INVALID_ADDRESS')
  })

  test('another version of the hello is a mismatch on both sides, and is answered', async () => {
    const newer = (address: string): Uint8Array =>
      hello(address).map((byte, index) => (index === 4 ? 2 : byte))
    const [a, b] = [await startNode(), await startNode()]
    const address = await strangeListener((stranger) => stranger.say(newer(address)))
    expect(await codeOf(a.send(address, bytesOf(1)))).toBe('PROTOCOL_MISMATCH')
    const stranger = await strangerTo(b.address)
    stranger.say(newer('127.0.0.1:1'))
    await stranger.closed
    expect(decodeHello(stranger.frames[0]!).status).toBe('other-protocol')
    expect(b.failures.map(({ code }) => code)).toEqual(['PROTOCOL_MISMATCH'])
    for (const node of [a, b]) {
      expect(node.transport.stats().refused).toMatchObject({ 'other-protocol': 1, 'no-hello': 0 })
    }
  })

  test('a peer that claims the address of this node is refused, with the reason', async () => {
    const b = await startNode()
    const stranger = await strangerTo(b.address)
    stranger.say(hello(b.address))
    await stranger.closed
    expect(decodeHello(stranger.frames[0]!).status).toBe('address-refused')
    expect(b.failures.map(({ code }) => code)).toEqual(['INVALID_ADDRESS'])
  })

  test('a listener that sends nonsense, or nothing, makes sends fail', async () => {
    const [a, hasty] = [await startNode(), await startNode({ deadlines: { helloMs: 60 } })]
    const nonsense = await strangeListener((stranger) => stranger.say(bytesOf(1, 2, 3)))
    const silent = await strangeListener(() => {})
    expect(await codeOf(a.send(nonsense, bytesOf(1)))).toBe('MALFORMED_MESSAGE')
    expect(await codeOf(hasty.send(silent, bytesOf(1)))).toBe('TIMED_OUT')
  })
})
