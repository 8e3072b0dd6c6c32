/** How messages travel over real loopback sockets, and which connections they take. */

import { describe, expect, test } from 'vitest'
import { tcpTransport } from '../../src/index.ts'
import {
  bytesOf,
  codeOf,
  frozenListener,
  hello,
  LABEL,
  startNode,
  strangerTo,
  until
} from '../harness.ts'

describe('messages', () => {
  test('arrive whole, from an address that can be answered', async () => {
    const [a, b] = [await startNode(), await startNode()]
    const large = new Uint8Array(2 ** 20).map((_, index) => index * 7)
    await Promise.all([
      a.send(b.address, bytesOf(1)),
      a.send(b.address, large),
      a.send(b.address, bytesOf(2, 3))
    ])
    await until(() => expect(b.received.length).toBe(3))
    expect(b.received.map(({ from }) => from)).toEqual([a.address, a.address, a.address])
    // Small ones pass large ones.
    expect(b.received.map(({ bytes }) => bytes.length)).toEqual([1, 2, 2 ** 20])
    expect(Buffer.compare(b.received[2]!.bytes, large)).toBe(0)
    await b.send(a.address, bytesOf(9))
    await until(() => expect(a.received).toEqual([{ from: b.address, bytes: bytesOf(9) }]))
  })

  test('10,000 sends in one turn share a few promises', async () => {
    const [a, b] = [
      await startNode({ limits: { queuedFramesPerConnection: 10_000 } }),
      await startNode()
    ]
    const promises = Array.from({ length: 10_000 }, () => a.send(b.address, new Uint8Array(20)))
    expect(new Set(promises).size).toBeLessThan(10)
    await Promise.all(promises)
    await until(() => expect(b.received.length).toBe(10_000))
  })

  test('are refused before they are sent: empty, too long, to itself, to nonsense, aborted', async () => {
    const [a, b] = [await startNode(), await startNode()]
    const port = a.address.split(':')[1]
    expect(await codeOf(a.send(b.address, new Uint8Array(0)))).toBe('MALFORMED_MESSAGE')
    expect(await codeOf(a.send(b.address, new Uint8Array(2 ** 20 + 1)))).toBe('MESSAGE_TOO_LARGE')
    expect(await codeOf(a.send(a.address, bytesOf(1)))).toBe('INVALID_ADDRESS')
    expect(await codeOf(a.send(`localhost:${port}`, bytesOf(1)))).toBe('INVALID_ADDRESS')
    expect(await codeOf(a.send('nonsense', bytesOf(1)))).toBe('INVALID_ADDRESS')
    expect(
      await codeOf(a.send(b.address, bytesOf(1), AbortSignal.abort(new RangeError('no'))))
    ).toBe('RangeError')
    expect(b.transport.stats().receivedMessages).toBe(0)
  })

  test('an abort while dialling rejects with its reason, and nothing is sent', async () => {
    const [a, b] = [await startNode(), await startNode()]
    const controller = new AbortController()
    const aborted = a.send(b.address, bytesOf(1), controller.signal)
    const kept = a.send(b.address, bytesOf(2))
    controller.abort(new RangeError('changed my mind'))
    expect(await codeOf(aborted)).toBe('RangeError')
    await kept
    await until(() => expect(b.received.map(({ bytes }) => bytes)).toEqual([bytesOf(2)]))
  })

  test('an error that the receiver throws is reported and affects no other message', async () => {
    const a = await startNode()
    const failures: string[] = []
    let calls = 0
    const b = tcpTransport()
    const address = await b.start(
      {
        receive: () => {
          if (++calls === 1) throw new Error('broken')
        },
        fail: (error) => {
          failures.push(error.message)
          throw new Error('broken too')
        },
        lost: () => {}
      },
      { protocol: LABEL }
    )
    await Promise.all([a.send(address, bytesOf(1)), a.send(address, bytesOf(2))])
    await until(() => expect(calls).toBe(2))
    expect(failures).toEqual([expect.stringContaining('broken')])
    await b.stop()
  })
})

describe('connections', () => {
  test('concurrent sends share one dial, and the answer comes back on it', async () => {
    const [a, b] = [await startNode(), await startNode()]
    await Promise.all(Array.from({ length: 50 }, () => a.send(b.address, bytesOf(1))))
    await until(() => expect(b.received.length).toBe(50))
    await b.send(a.address, bytesOf(2))
    await until(() => expect(a.received.length).toBe(1))
    expect([a.transport.stats().dialled, b.transport.stats().dialled]).toEqual([1, 0])
    expect(b.transport.stats()).toMatchObject({
      inboundConnections: 1,
      outboundConnections: 0,
      accepted: 1,
      receivedMessages: 50
    })
    expect(a.transport.stats()).toMatchObject({ sentMessages: 50, receivedMessages: 1 })
    // And a ping, and the answer to one.
    expect(a.transport.stats().sentBytes).toBe(250 + 8 + 16)
  })

  test('both sides dialling at once lose nothing', async () => {
    const [a, b] = [await startNode(), await startNode()]
    for (let round = 0; round < 20; round++) {
      await Promise.all([a.send(b.address, bytesOf(round)), b.send(a.address, bytesOf(round))])
    }
    await until(() => expect([a.received.length, b.received.length]).toEqual([20, 20]))
    expect(a.transport.stats().dialled + b.transport.stats().dialled).toBeLessThanOrEqual(2)
  })

  test('an answer returns on the connection of the request, though an older one leads to the same address', async () => {
    const b = await startNode()
    const [first, second] = [await strangerTo(b.address), await strangerTo(b.address)]
    for (const stranger of [first, second]) {
      stranger.say(hello('127.0.0.1:7'))
      await until(() => expect(stranger.frames.length).toBe(1))
    }
    first.say(bytesOf(1))
    await until(() => expect(b.received.length).toBe(1))
    await b.send('127.0.0.1:7', bytesOf(10))
    second.say(bytesOf(2))
    await until(() => expect(b.received.length).toBe(2))
    await b.send('127.0.0.1:7', bytesOf(20))
    await until(() =>
      expect([first.frames[1], second.frames[1]]).toEqual([bytesOf(10), bytesOf(20)])
    )
    second.socket.destroy()
    await until(() => expect(b.transport.stats().inboundConnections).toBe(1))
    await b.send('127.0.0.1:7', bytesOf(30))
    await until(() => expect(first.frames[2]).toEqual(bytesOf(30)))
  })

  test('a peer that returns at the same address is reached again', async () => {
    const a = await startNode({ deadlines: { firstBackOffMs: 1, longestBackOffMs: 1 } })
    let b = await startNode()
    const port = Number(b.address.split(':')[1])
    await a.send(b.address, bytesOf(1))
    await b.transport.stop()
    await until(() => expect(a.transport.stats().outboundConnections).toBe(0))
    expect(await codeOf(a.send(b.address, bytesOf(2)))).toBe('UNREACHABLE')
    b = await startNode({ port })
    await until(() => a.send(b.address, bytesOf(3)))
    await until(() => expect(b.received.map(({ bytes }) => bytes)).toContainEqual(bytesOf(3)))
  })

  test('a peer that does not read for a while gets everything once it does', async () => {
    const a = await startNode({
      limits: { queuedBytesPerConnection: 2 ** 26, queuedBytes: 2 ** 26 }
    })
    const { address, peers } = await frozenListener()
    const sent = Promise.all(
      Array.from({ length: 40 }, (_, index) => a.send(address, new Uint8Array(2 ** 20 - index)))
    )
    await until(() => expect(a.transport.stats().sentBytes).toBeGreaterThan(8000))
    peers[0]!.socket.resume()
    await sent
    await until(() =>
      expect(peers[0]!.frames.slice(1).map(({ length }) => 2 ** 20 - length)).toEqual([
        ...Array(40).keys()
      ])
    )
  })

  test('messages queued when the connection ends are rejected as lost', async () => {
    // More than the kernel takes for a peer that does not read.
    const a = await startNode({
      limits: { queuedBytesPerConnection: 2 ** 26, queuedBytes: 2 ** 26 }
    })
    const { address, peers } = await frozenListener()
    const sending = Array.from({ length: 60 }, () =>
      codeOf(a.send(address, new Uint8Array(2 ** 20)))
    )
    await until(() => expect(a.transport.stats().sentBytes).toBeGreaterThan(8000))
    peers[0]!.socket.destroy()
    const codes = await Promise.all(sending)
    expect(codes).toContain('CONNECTION_LOST')
    expect(codes.every((code) => code === 'CONNECTION_LOST' || code === 'no error')).toBe(true)
    expect(a.transport.stats().queuedBytes).toBe(0)
  })
})
