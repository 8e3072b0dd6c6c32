import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { binaryCodec } from '@rumormill/codec-binary'
import { packFrames } from '@rumormill/framing'
import { createGossip, createRng, staticPeers, type GossipService } from '@rumormill/protocol'
import { tcpTransport } from '@rumormill/transport-tcp'
import { afterEach, describe, expect, test } from 'vitest'
import { manualClock } from '../../src/index.ts'
import {
  tcpFaultProxy,
  type ProxyCounts,
  type StreamFaults,
  type TcpFaultProxy,
  type TcpFaultProxyOptions
} from '../../src/node/index.ts'

const open: (() => unknown)[] = []

afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()))
})

/** One end of a connection: what it has read, and how it ended. */
interface End {
  readonly socket: Socket
  readonly chunks: Buffer[]
  readonly bytes: () => Buffer
  readonly ended: Promise<unknown>
  /** `closed`, or the code of the error. */
  readonly outcome: Promise<string>
}

function endOf(socket: Socket): End {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  open.push(() => socket.destroy())
  let code = 'closed'
  socket.on('error', (error: NodeJS.ErrnoException) => {
    code = error.code ?? error.message
  })
  const outcome = once(socket, 'close').then(
    () => code,
    (error: NodeJS.ErrnoException) => error.code ?? error.message
  )
  return {
    socket,
    chunks,
    bytes: () => Buffer.concat(chunks),
    ended: once(socket, 'end').catch(() => {}),
    outcome
  }
}

async function listen(onEnd: (end: End) => void): Promise<{ server: Server; address: string }> {
  const server = createServer({ allowHalfOpen: true }, (socket) => onEnd(endOf(socket)))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  open.push(() => server.close())
  return { server, address: `127.0.0.1:${(server.address() as AddressInfo).port}` }
}

async function setUp(options: TcpFaultProxyOptions = {}): Promise<{
  proxy: TcpFaultProxy
  dial: () => Promise<End>
  /** A client, and what it is connected with through the proxy. */
  pair: () => Promise<readonly [client: End, target: End]>
  accepted: End[]
}> {
  const accepted: End[] = []
  const { address } = await listen((end) => accepted.push(end))
  const proxy = await tcpFaultProxy({ target: address, rng: createRng(3), ...options })
  open.push(() => proxy.stop())
  const dial = async (): Promise<End> => {
    const socket = connect({
      host: '127.0.0.1',
      port: Number(proxy.address.split(':')[1]),
      allowHalfOpen: true,
      noDelay: true
    })
    const end = endOf(socket)
    await once(socket, 'connect').catch(() => {})
    return end
  }
  const pair = async (): Promise<readonly [End, End]> => {
    const before = accepted.length
    const client = await dial()
    await until(() => accepted.length > before)
    return [client, accepted.at(-1)!]
  }
  return { proxy, dial, pair, accepted }
}

const until = (check: () => boolean): Promise<void> =>
  expect.poll(check, { interval: 2, timeout: 10_000 }).toBe(true)
const quiet = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
const pattern = (length: number): Buffer =>
  Buffer.from(Uint8Array.from({ length }, (_, index) => index * 7 + (index >> 8)))

describe('bytes', () => {
  test('pass untouched both ways, in any amount, and each end by itself', async () => {
    const { proxy, pair } = await setUp()
    const [client, target] = await pair()
    const sent = pattern(3_000_000)
    client.socket.end(sent)
    await target.ended
    expect(target.bytes().equals(sent)).toBe(true)
    target.socket.end(sent)
    await client.ended
    expect(client.bytes().equals(sent)).toBe(true)
    expect([await client.outcome, await target.outcome]).toEqual(['closed', 'closed'])
    await until(() => proxy.connections === 0)
    expect(proxy.counts).toEqual({
      connections: 1,
      resets: 0,
      passedBytes: 6_000_000,
      swallowedBytes: 0,
      flippedBytes: 0,
      duplicatedFrames: 0
    })
  })

  test('are late by as much as was asked for, one way only if so asked', async () => {
    const clock = manualClock()
    const { proxy, pair } = await setUp({ clock })
    const [client, target] = await pair()
    proxy.set({ latencyMs: 100, jitterMs: 50 }, 'to-target')
    client.socket.write('late')
    target.socket.write('soon')
    await until(() => client.bytes().toString() === 'soon')
    await until(() => clock.pendingWakes === 1)
    await clock.advance(99)
    await quiet(5)
    expect(target.chunks).toEqual([])
    await clock.advance(51)
    await until(() => target.bytes().toString() === 'late')
  })

  test('wait for a narrow line, and the sender with them', async () => {
    const { pair } = await setUp({ bytesPerSecond: 100_000 })
    const [client, target] = await pair()
    const startMs = performance.now()
    for (let part = 0; part < 10; part++) client.socket.write(pattern(2000))
    await until(() => target.bytes().length === 20_000)
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(195)
    client.socket.write(Buffer.alloc(16 * 2 ** 20))
    await quiet(700)
    expect(client.socket.writableLength).toBeGreaterThan(0)
  })

  test('come in slices', async () => {
    const { pair } = await setUp({ sliceBytes: 3 })
    const [client, target] = await pair()
    client.socket.end(pattern(100))
    await target.ended
    expect(target.bytes().equals(pattern(100))).toBe(true)
    expect(target.chunks.length).toBeGreaterThan(10)
  })

  test('are flipped: one where it was asked for, or some by chance', async () => {
    const { proxy, pair } = await setUp({ flipAfterBytes: 50 })
    const [client, target] = await pair()
    client.socket.write(pattern(30))
    await until(() => target.bytes().length === 30)
    client.socket.write(pattern(30))
    await until(() => target.bytes().length === 60)
    const expected = Buffer.concat([pattern(30), pattern(30)])
    expected[50]! ^= 0xff
    expect(target.bytes().equals(expected)).toBe(true)
    proxy.calm()
    proxy.set({ flipRate: 1 })
    client.socket.write(pattern(30))
    await until(() => target.bytes().length === 90)
    const wrong = target
      .bytes()
      .subarray(60)
      .filter((byte, index) => byte !== pattern(30)[index])
    expect([wrong.length, proxy.counts.flippedBytes]).toEqual([1, 2])
  })

  test('are swallowed', async () => {
    const { proxy, pair } = await setUp()
    const [client, target] = await pair()
    proxy.set({ swallow: true }, 'to-target')
    client.socket.write('into nothing')
    await until(() => proxy.counts.swallowedBytes === 12)
    target.socket.write('heard')
    await until(() => client.bytes().toString() === 'heard')
    proxy.set({ swallow: false })
    client.socket.write('back again')
    await until(() => target.bytes().toString() === 'back again')
  })

  test('stand still, and come after all', async () => {
    const { proxy, pair } = await setUp()
    const [client, target] = await pair()
    proxy.set({ stall: true })
    client.socket.write(pattern(100_000))
    await quiet(20)
    expect(target.chunks).toEqual([])
    proxy.set({ stall: false })
    await until(() => target.bytes().equals(pattern(100_000)))
  })
})

describe('frames', () => {
  const frames = [pattern(10), pattern(300), pattern(1), pattern(70_000)]
  const packed = (bodies: readonly Uint8Array[]): Buffer => Buffer.concat(packFrames(bodies))

  test.each([1, 5, 1000, 100_000])(
    'pass twice, all but the first, in chunks of %i',
    async (chunkBytes) => {
      const { proxy, pair } = await setUp({ duplicateFrameRate: 1 })
      const [client, target] = await pair()
      const bodies = chunkBytes === 1 ? frames.slice(0, 3) : frames
      const sent = packed(bodies)
      for (let at = 0; at < sent.length; at += chunkBytes) {
        client.socket.write(sent.subarray(at, at + chunkBytes))
        if (sent.length / chunkBytes < 1000) await quiet(0)
      }
      client.socket.end()
      await target.ended
      expect(
        target
          .bytes()
          .equals(packed([bodies[0]!, ...bodies.slice(1).flatMap((body) => [body, body])]))
      ).toBe(true)
      expect(proxy.counts.duplicatedFrames).toBe(bodies.length - 1)
    }
  )

  test('pass twice also when that is asked for in the middle of one', async () => {
    const { proxy, pair } = await setUp()
    const [client, target] = await pair()
    const sent = packed(frames.slice(0, 3))
    client.socket.write(sent.subarray(0, 100))
    await until(() => target.bytes().length === 100)
    proxy.set({ duplicateFrameRate: 1 })
    client.socket.end(sent.subarray(100))
    await target.ended
    expect(target.bytes().equals(packed([...frames.slice(0, 3), frames[2]!]))).toBe(true)
  })
})

describe('connections', () => {
  test('are reset in the middle of what they carry', async () => {
    const { proxy, pair } = await setUp({ resetAfterBytes: 25 })
    const [client, target] = await pair()
    client.socket.write(pattern(100))
    expect([await client.outcome, await target.outcome]).toEqual(['ECONNRESET', 'ECONNRESET'])
    expect([target.bytes().length <= 25, proxy.counts.resets, proxy.connections]).toEqual([
      true,
      1,
      0
    ])
  })

  test('are reset when asked for', async () => {
    const { proxy, pair } = await setUp()
    const [[client, target], [other]] = [await pair(), await pair()]
    proxy.reset()
    expect([await client.outcome, await target.outcome, await other.outcome]).toEqual([
      'ECONNRESET',
      'ECONNRESET',
      'ECONNRESET'
    ])
  })

  test('are closed one way, and late if so asked', async () => {
    const { pair } = await setUp({ closeAfterBytes: 25, closeDelayMs: 60 })
    const [client, target] = await pair()
    const startMs = performance.now()
    client.socket.write(pattern(100))
    await target.ended
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(59)
    expect(target.bytes().equals(pattern(25))).toBe(true)
    target.socket.end(pattern(10))
    await client.ended
    expect(client.bytes().equals(pattern(10))).toBe(true)
  })

  test('are accepted and never answered', async () => {
    const { proxy, dial, accepted } = await setUp({ swallow: true })
    const client = await dial()
    client.socket.write('anybody?')
    await until(() => proxy.counts.swallowedBytes === 8)
    expect([accepted.length, client.chunks, client.socket.destroyed]).toEqual([0, [], false])
  })

  test('are refused, when told so and where there is no target', async () => {
    const { proxy, dial, pair } = await setUp()
    proxy.refuse = true
    expect(await (await dial()).outcome).toBe('ECONNRESET')
    proxy.calm()
    await pair()
    proxy.target = undefined
    expect(await (await dial()).outcome).toBe('ECONNRESET')
    proxy.target = '127.0.0.1:1'
    expect(await (await dial()).outcome).toBe('ECONNRESET')
    await until(() => proxy.counts.resets === 3)
  })

  test('that one end breaks off are broken off at the other', async () => {
    const { pair } = await setUp()
    const [client, target] = await pair()
    client.socket.resetAndDestroy()
    expect(await target.outcome).toBe('ECONNRESET')
  })

  test('end when the proxy stops, and its port is free again', async () => {
    const { proxy, pair } = await setUp()
    const [client] = await pair()
    const { address } = proxy
    await Promise.all([proxy.stop(), proxy.stop()])
    await client.ended
    const port = Number(address.split(':')[1])
    const next = await tcpFaultProxy({ port })
    open.push(() => next.stop())
    expect(next.address).toBe(address)
    await expect(tcpFaultProxy({ port })).rejects.toMatchObject({ code: 'ADDRESS_UNAVAILABLE' })
  })
})

test.each([
  [{ sliceBytes: 0 }, 'sliceBytes'],
  [{ flipRate: 2 }, 'flipRate'],
  [{ latencyMs: Infinity }, 'latencyMs'],
  [{ latency: 5 }, 'latency is not'],
  [{ swallow: 1 }, 'swallow'],
  [{ bytesPerSecond: NaN }, 'bytesPerSecond']
])('refuses %j', async (wrong, name) => {
  await expect(tcpFaultProxy(wrong as object)).rejects.toMatchObject({
    code: 'INVALID_CONFIG',
    message: expect.stringContaining(name)
  })
})

test('two nodes get along with everything that a bad line does', async () => {
  const heard: string[] = []
  const proxies: TcpFaultProxy[] = []
  // Known by the addresses of proxies only, so that nobody finds a way around.
  const node = async (peers: string[]): Promise<GossipService> => {
    const port = await freePort()
    const proxy = await tcpFaultProxy({ target: `127.0.0.1:${port}`, rng: createRng(port) })
    proxies.push(proxy)
    const gossip = createGossip({
      transport: tcpTransport({ port, advertise: proxy.address, deadlines: { frameMs: 500 } }),
      codec: binaryCodec(),
      peers: staticPeers(peers),
      preset: 'local',
      handler: { onUpdate: ({ content }) => void heard.push(new TextDecoder().decode(content)) }
    })
    open.push(() => Promise.all([gossip.stop(), proxy.stop()]))
    await gossip.start()
    return gossip
  }
  const a = await node([])
  const b = await node([a.address])
  await b.ready()
  const total = (count: keyof ProxyCounts): number =>
    proxies.reduce((sum, { counts }) => sum + counts[count], 0)
  const trials: readonly [Partial<StreamFaults>, seen: () => boolean][] = [
    [{ latencyMs: 20, jitterMs: 20 }, () => true],
    [{ sliceBytes: 7 }, () => true],
    [{ duplicateFrameRate: 1 }, () => total('duplicatedFrames') > 5],
    [{ flipRate: 0.2 }, () => total('flippedBytes') > 2],
    [{ resetAfterBytes: 700 }, () => total('resets') > 2],
    [{ closeAfterBytes: 700, closeDelayMs: 10 }, () => true]
  ]
  for (const [faults, seen] of trials) {
    for (const proxy of proxies) {
      proxy.calm()
      proxy.set(faults)
    }
    a.submit(new TextEncoder().encode(`from a, ${Object.keys(faults)[0]!}`))
    b.submit(new TextEncoder().encode(`from b, ${Object.keys(faults)[0]!}`))
    await quiet(100)
    await until(seen)
  }
  for (const proxy of proxies) proxy.calm()
  await until(() => heard.length === 12)
  await quiet(100)
  expect(new Set(heard).size).toBe(12)
  expect(heard).toHaveLength(12)
})

async function freePort(): Promise<number> {
  const { server, address } = await listen(() => {})
  server.close()
  await once(server, 'close')
  return Number(address.split(':')[1])
}
