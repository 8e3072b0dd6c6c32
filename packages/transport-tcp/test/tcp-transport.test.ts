/** Behaviour over real loopback sockets: delivery, names, lanes, hellos, life. */
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { networkInterfaces } from 'node:os'
import { describe, expect, test } from 'vitest'
import { decodeHello } from '../src/hello.ts'
import { tcpTransport } from '../src/index.ts'
import {
  bytesOf,
  codeOf,
  hello,
  LABEL,
  startNode,
  strangeListener,
  strangerTo,
  until,
  type Stranger
} from './harness.ts'

const faces = Object.values(networkInterfaces()).flat()
const hasIpv6 = faces.some((face) => face?.address === '::1')
/** An address of this machine that is not loopback; packets to ourselves do not leave it. */
const outerIp = faces.find((face) => face?.internal === false && face.family === 'IPv4')?.address

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
    expect(Buffer.compare(b.received[1]!.bytes, large)).toBe(0)
    expect(b.received.map(({ bytes }) => bytes.length)).toEqual([1, 2 ** 20, 2])
    await b.send(a.address, bytesOf(9))
    await until(() => expect(a.received).toEqual([{ from: b.address, bytes: bytesOf(9) }]))
  })

  test('10,000 sends in one turn share a handful of promises', async () => {
    const [a, b] = [await startNode({ limits: { queuedFramesPerLane: 10_000 } }), await startNode()]
    const promises = Array.from({ length: 10_000 }, () => a.send(b.address, new Uint8Array(20)))
    expect(new Set(promises).size).toBeLessThan(10)
    await Promise.all(promises)
    await until(() => expect(b.received.length).toBe(10_000))
  })

  test('are refused before they leave: empty, too long, to oneself, to nonsense, aborted', async () => {
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

  test('a receiver that throws is reported and harms no other message', async () => {
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
        }
      },
      { protocol: LABEL }
    )
    await Promise.all([a.send(address, bytesOf(1)), a.send(address, bytesOf(2))])
    await until(() => expect(calls).toBe(2))
    expect(failures).toEqual([expect.stringContaining('broken')])
    await b.stop()
  })
})

describe('names', () => {
  test('a peer dialled by name is known by that name, and answers ride back', async () => {
    const [a, b] = [await startNode(), await startNode({ host: 'localhost' })]
    expect(b.address).toMatch(/^localhost:\d+$/)
    await a.send(b.address, bytesOf(1))
    await until(() => expect(b.received.length).toBe(1))
    await b.send(a.address, bytesOf(2))
    await until(() => expect(a.received).toEqual([{ from: b.address, bytes: bytesOf(2) }]))
  })

  test('the name is the one that was dialled, letter for letter, so that answers can be matched', async () => {
    const [a, b] = [await startNode(), await startNode()]
    const name = b.address.replace('127.0.0.1', 'LocalHost')
    await a.send(name, bytesOf(1))
    await until(() => expect(b.received.length).toBe(1))
    await b.send(a.address, bytesOf(2))
    await until(() => expect(a.received).toEqual([{ from: name, bytes: bytesOf(2) }]))
  })

  test.skipIf(outerIp === undefined)(
    'a node on one address of several also comes from it',
    async () => {
      const [a, b] = [await startNode({ host: outerIp! }), await startNode()]
      await a.send(b.address, bytesOf(1))
      await until(() => expect(b.received.map(({ from }) => from)).toEqual([a.address]))
    }
  )

  test.skipIf(!hasIpv6)('IPv6 addresses travel in brackets, compressed', async () => {
    const [a, b] = [await startNode({ host: '0:0:0:0:0:0:0:1' }), await startNode({ host: '::1' })]
    expect(a.address).toMatch(/^\[::1\]:\d+$/)
    await a.send(b.address, bytesOf(1))
    await until(() => expect(b.received).toEqual([{ from: a.address, bytes: bytesOf(1) }]))
  })

  test('a node on every address advertises what it was told, with the real port', async () => {
    const [a, b] = [
      await startNode({ host: '0.0.0.0', advertise: { host: '127.0.0.1' } }),
      await startNode()
    ]
    expect(a.address).toMatch(/^127\.0\.0\.1:[1-9]\d*$/)
    await b.send(a.address, bytesOf(1))
    await until(() => expect(a.received.length).toBe(1))
  })

  test('an advertised host that is not where the connection comes from is refused on both sides', async () => {
    const [a, b] = [await startNode({ advertise: { host: '10.9.8.7' } }), await startNode()]
    expect(await codeOf(a.send(b.address, bytesOf(1)))).toBe('INVALID_ADDRESS')
    expect(b.failures.map(({ code }) => code)).toEqual(['INVALID_ADDRESS'])
    expect([b.received, b.transport.stats().refused['address-refused']]).toEqual([[], 1])
  })

  test('trustAdvertisedHosts lets it in, and answers ride back on its connection', async () => {
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

describe('lanes', () => {
  test('concurrent sends share one dial, and the answer comes back on it', async () => {
    const [a, b] = [await startNode(), await startNode()]
    await Promise.all(Array.from({ length: 50 }, () => a.send(b.address, bytesOf(1))))
    await until(() => expect(b.received.length).toBe(50))
    await b.send(a.address, bytesOf(2))
    await until(() => expect(a.received.length).toBe(1))
    expect([a.transport.stats().dialled, b.transport.stats().dialled]).toEqual([1, 0])
    expect(b.transport.stats()).toMatchObject({
      inboundLanes: 1,
      outboundLanes: 0,
      accepted: 1,
      receivedMessages: 50
    })
    expect(a.transport.stats()).toMatchObject({
      sentMessages: 50,
      sentBytes: 250,
      receivedMessages: 1
    })
  })

  test('both sides dialling at once lose nothing', async () => {
    const [a, b] = [await startNode(), await startNode()]
    for (let round = 0; round < 20; round++) {
      await Promise.all([a.send(b.address, bytesOf(round)), b.send(a.address, bytesOf(round))])
    }
    await until(() => expect([a.received.length, b.received.length]).toEqual([20, 20]))
    expect(a.transport.stats().dialled + b.transport.stats().dialled).toBeLessThanOrEqual(2)
  })

  test('an answer rides on the connection that asked, though an older one leads to the same address', async () => {
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
    await until(() => expect(b.transport.stats().inboundLanes).toBe(1))
    await b.send('127.0.0.1:7', bytesOf(30))
    await until(() => expect(first.frames[2]).toEqual(bytesOf(30)))
  })

  test('a peer that returns at the same address is reached again', async () => {
    const a = await startNode({ deadlines: { firstBackOffMs: 1, longestBackOffMs: 1 } })
    let b = await startNode()
    const port = Number(b.address.split(':')[1])
    await a.send(b.address, bytesOf(1))
    await b.transport.stop()
    await until(() => expect(a.transport.stats().outboundLanes).toBe(0))
    expect(await codeOf(a.send(b.address, bytesOf(2)))).toBe('UNREACHABLE')
    b = await startNode({ port })
    await until(() => a.send(b.address, bytesOf(3)))
    await until(() => expect(b.received.map(({ bytes }) => bytes)).toContainEqual(bytesOf(3)))
  })

  test('a peer that does not read for a while gets everything once it does', async () => {
    const a = await startNode({ limits: { queuedBytesPerLane: 2 ** 26 } })
    const peers: Stranger[] = []
    const address = await strangeListener((stranger) => {
      peers.push(stranger)
      stranger.say(hello(address))
      stranger.socket.once('data', () => stranger.socket.pause())
    })
    const sent = Promise.all(
      Array.from({ length: 40 }, (_, index) => a.send(address, new Uint8Array(2 ** 20 - index)))
    )
    await until(() => expect(a.transport.stats().sentMessages).toBeGreaterThan(2))
    peers[0]!.socket.resume()
    await sent
    await until(() =>
      expect(peers[0]!.frames.slice(1).map(({ length }) => 2 ** 20 - length)).toEqual([
        ...Array(40).keys()
      ])
    )
  })

  test('what waits when the connection ends is rejected as lost', async () => {
    // More than the kernel takes for a peer that does not read.
    const a = await startNode({ limits: { queuedBytesPerLane: 2 ** 26 } })
    const address = await strangeListener((stranger) => {
      stranger.say(hello(address))
      stranger.socket.once('data', () => stranger.socket.pause())
      setTimeout(() => stranger.socket.destroy(), 100)
    })
    const codes = await Promise.all(
      Array.from({ length: 60 }, () => codeOf(a.send(address, new Uint8Array(2 ** 20))))
    )
    expect(codes).toContain('CONNECTION_LOST')
    expect(codes.every((code) => code === 'CONNECTION_LOST' || code === 'no error')).toBe(true)
    expect(a.transport.stats().queuedBytes).toBe(0)
  })
})

describe('hello', () => {
  test('another network is told to both sides, once for each attempt, with both labels', async () => {
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

  test('a peer that speaks another protocol altogether is refused after four bytes', async () => {
    const b = await startNode()
    const stranger = await strangerTo(b.address)
    stranger.socket.write('GET / HTTP/1.1\r\n\r\n')
    await stranger.closed
    expect(b.failures.map(({ code }) => code)).toEqual(['MESSAGE_TOO_LARGE'])
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

  test('a peer that answers with our own address is told apart', async () => {
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
    expect(decodeHello(stranger.frames[0]!).verdict).toBe('other-protocol')
    expect(b.failures.map(({ code }) => code)).toEqual(['PROTOCOL_MISMATCH'])
    for (const node of [a, b]) {
      expect(node.transport.stats().refused).toMatchObject({ 'other-protocol': 1, 'no-hello': 0 })
    }
  })

  test('a peer that claims to be us is refused, and told so', async () => {
    const b = await startNode()
    const stranger = await strangerTo(b.address)
    stranger.say(hello(b.address))
    await stranger.closed
    expect(decodeHello(stranger.frames[0]!).verdict).toBe('address-refused')
    expect(b.failures.map(({ code }) => code)).toEqual(['INVALID_ADDRESS'])
  })

  test('a listener that says nonsense, or nothing, makes sends fail', async () => {
    const a = await startNode({ deadlines: { helloMs: 60 } })
    const nonsense = await strangeListener((stranger) => stranger.say(bytesOf(1, 2, 3)))
    const silent = await strangeListener(() => {})
    expect(await codeOf(a.send(nonsense, bytesOf(1)))).toBe('MALFORMED_MESSAGE')
    expect(await codeOf(a.send(silent, bytesOf(1)))).toBe('TIMED_OUT')
  })
})

describe('life', () => {
  test('send works only between start and stop', async () => {
    const transport = tcpTransport()
    const send = (): Promise<void> =>
      transport.send('127.0.0.1:1', bytesOf(1), { signal: new AbortController().signal })
    const receiver = { receive: () => {}, fail: () => {} }
    expect(await codeOf(send())).toBe('NOT_RUNNING')
    await transport.start(receiver, { protocol: LABEL })
    expect(await codeOf(transport.start(receiver, { protocol: LABEL }))).toBe('ALREADY_STARTED')
    await Promise.all([transport.stop(), transport.stop()])
    await transport.stop()
    expect(await codeOf(send())).toBe('NOT_RUNNING')
    expect(await codeOf(transport.start(receiver, { protocol: LABEL }))).toBe('ALREADY_STARTED')
  })

  test('stop rejects what is pending, closes both sides and frees the port', async () => {
    const [a, b] = [await startNode(), await startNode()]
    await a.send(b.address, bytesOf(1))
    const silent = await strangeListener(() => {})
    const dialling = a.send(silent, bytesOf(1))
    const queued = a.send(b.address, bytesOf(2))
    const stopping = a.transport.stop()
    expect([await codeOf(dialling), await codeOf(queued)]).toEqual(['NOT_RUNNING', 'NOT_RUNNING'])
    await stopping
    await until(() => expect(b.transport.stats().inboundLanes).toBe(0))
    const again = await startNode({ port: Number(a.address.split(':')[1]) })
    expect(again.address).toBe(a.address)
    expect(a.failures).toEqual([])
  })

  test('what was taken before stop arrives, even at a peer that reads late and was speaking', async () => {
    const a = await startNode()
    const strangers: Stranger[] = []
    const address = await strangeListener((peer) => {
      strangers.push(peer)
      peer.say(hello(address))
    })
    await a.send(address, bytesOf(1))
    await until(() => expect(strangers[0]?.frames.length).toBe(2))
    const late = strangers[0]!
    late.socket.pause()
    await a.send(address, new Uint8Array(500_000))
    late.say(bytesOf(2))
    const stopped = a.transport.stop()
    late.socket.resume()
    await stopped
    await until(() =>
      expect(late.frames.map(({ length }) => length).slice(1)).toEqual([1, 500_000])
    )
    expect(a.received).toEqual([])
  })

  test('stop does not wait for a peer that reads no more', async () => {
    const a = await startNode()
    const frozen: Stranger[] = []
    const address = await strangeListener((peer) => {
      frozen.push(peer)
      peer.say(hello(address))
      peer.socket.pause()
    })
    await a.send(address, bytesOf(1))
    await a.transport.stop()
    expect(a.transport.stats()).toMatchObject({ outboundLanes: 0, queuedBytes: 0 })
    expect(frozen[0]!.socket.destroyed).toBe(false)
  })

  test('a port in use, and a host that is not ours, are unavailable; nothing stays open', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    expect(await codeOf(startNode({ port }))).toBe('ADDRESS_UNAVAILABLE')
    expect(await codeOf(startNode({ host: '192.0.2.1' }))).toBe('ADDRESS_UNAVAILABLE')
    expect(await codeOf(startNode({ host: 'no-such-host.invalid' }))).toBe('ADDRESS_UNAVAILABLE')
    server.close()
    await once(server, 'close')
    await startNode({ port })
  })

  test.each([0, 1, 2, 3])(
    'stop during start: start rejects, nothing stays open (after %i turns)',
    async (turns) => {
      for (const host of ['127.0.0.1', 'localhost']) {
        const transport = tcpTransport({ host })
        const starting = codeOf(
          transport.start({ receive: () => {}, fail: () => {} }, { protocol: LABEL })
        )
        for (let turn = 0; turn < turns; turn++)
          await new Promise((resolve) => {
            setImmediate(resolve)
          })
        await transport.stop()
        expect(['NOT_RUNNING', 'no error']).toContain(await starting)
        if (turns === 0) expect(await starting).toBe('NOT_RUNNING')
      }
    }
  )

  test('a label that no hello can carry is refused', async () => {
    expect(await codeOf(startNode({}, 'l'.repeat(600)))).toBe('INVALID_CONFIG')
  })

  test('no timer keeps the process alive', async () => {
    const timers = (): number =>
      process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
    const before = timers()
    const [a, b] = [await startNode(), await startNode()]
    await a.send(b.address, bytesOf(1))
    expect(timers()).toBeLessThanOrEqual(before)
  })

  test('nothing keeps the process alive once stopped', async () => {
    const before = process.getActiveResourcesInfo().filter((kind) => kind.startsWith('TCP')).length
    const [a, b] = [await startNode(), await startNode()]
    await a.send(b.address, bytesOf(1))
    await Promise.all([a.transport.stop(), b.transport.stop()])
    const left = (): number =>
      process.getActiveResourcesInfo().filter((kind) => kind.startsWith('TCP')).length
    await until(() => expect(left()).toBe(before))
  })
})
