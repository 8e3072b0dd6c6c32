/** Plays the bytes of `docs/wire-tcp.md` over real sockets: the page and the transport say the same. */

import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { binaryCodec } from '@rumormill/codec-binary'
import { jsonCodec } from '@rumormill/codec-json'
import { MESSAGE_VERSIONS } from '@rumormill/protocol/plugin'
import { tcpTransport, type TcpTransport } from '@rumormill/transport-tcp'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

const page = readFileSync(new URL('../wire-tcp.md', import.meta.url), 'utf8')
const label = '/rumormill/1/default/binary'
const open: TcpTransport[] = []

beforeEach(() => {
  // When all nodes of the page started.
  vi.useFakeTimers({ toFake: ['Date'], now: 1_700_000_000_000 })
})

afterEach(async () => {
  vi.useRealTimers()
  await Promise.all(open.splice(0).map((transport) => transport.stop()))
})

/** The bytes of the block that the page calls ```hex <name>. */
function bytesOf(name: string): Buffer {
  const block = new RegExp(`\`\`\`hex ${name}\n([^\`]*)\`\`\``).exec(page)
  expect(block, name).not.toBeNull()
  return Buffer.from(block![1]!.replace(/\s/g, ''), 'hex')
}

/** A node that says it is at `advertise`, wherever it listens; resolves with its real port. */
async function startNode(
  advertise: string,
  protocol: string,
  received: Uint8Array[] = []
): Promise<{ transport: TcpTransport; port: number }> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as AddressInfo
  probe.close()
  await once(probe, 'close')
  const transport = tcpTransport({ port, advertise })
  open.push(transport)
  await transport.start(
    {
      receive: (_from, bytes) => {
        received.push(bytes)
      },
      fail: () => {},
      lost: () => {}
    },
    { protocol }
  )
  return { transport, port }
}

function collect(socket: Socket): { bytes: () => Buffer } {
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => {
    chunks.push(chunk)
  })
  return { bytes: () => Buffer.concat(chunks) }
}

describe('docs/wire-tcp.md', () => {
  test('a dialler says what the page says', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const { transport } = await startNode('127.0.0.1:9001', label)
    const accepted = once(server, 'connection') as Promise<[Socket]>
    const sent = transport.send(`127.0.0.1:${port}`, Uint8Array.of(1, 2, 3), {
      signal: new AbortController().signal
    })
    const [socket] = await accepted
    const { bytes } = collect(socket)
    await vi.waitFor(() => expect(bytes()).toEqual(bytesOf('dialer')))
    socket.write(bytesOf('listener'))
    await sent
    await vi.waitFor(() =>
      expect(bytes()).toEqual(Buffer.concat([bytesOf('dialer'), bytesOf('message')]))
    )
    server.close()
  })

  test('a listener answers what the page says, and takes the message', async () => {
    const received: Uint8Array[] = []
    const { port } = await startNode('127.0.0.1:9000', label, received)
    const socket = connect({ port, host: '127.0.0.1' })
    const { bytes } = collect(socket)
    socket.write(bytesOf('dialer'))
    await vi.waitFor(() => expect(bytes()).toEqual(bytesOf('listener')))
    socket.write(bytesOf('message'))
    await vi.waitFor(() => expect(received).toEqual([Uint8Array.of(1, 2, 3)]))
    socket.destroy()
  })

  test('a listener refuses another network as the page says', async () => {
    const { port } = await startNode('127.0.0.1:9000', label)
    const socket = connect({ port, host: '127.0.0.1' })
    const { bytes } = collect(socket)
    socket.write(
      Buffer.from(bytesOf('dialer').toString('latin1').replace('default', 'another'), 'latin1')
    )
    await once(socket, 'close')
    expect(bytes()).toEqual(bytesOf('refusal'))
  })

  test('a listener refuses other versions as the page says', async () => {
    const { port } = await startNode('127.0.0.1:9000', label)
    const socket = connect({ port, host: '127.0.0.1' })
    const { bytes } = collect(socket)
    const hello = bytesOf('dialer')
    hello.set([2, 3], hello.length - 14)
    socket.write(hello)
    await once(socket, 'close')
    const answer = bytesOf('listener')
    // The status follows the length, the letters and the version of the layout.
    answer[9] = 4
    expect(bytes()).toEqual(answer)
  })

  test.each([
    ['binary', binaryCodec(), (version: number) => Uint8Array.of(version, 9, 7)],
    [
      'json',
      jsonCodec(),
      (version: number) => Buffer.from(`{"v":${version},"kind":"prune","tree":7}`)
    ]
  ])('the versions that the hello tells are those of the codec %s', (_name, codec, prune) => {
    const { first, last } = MESSAGE_VERSIONS
    const message = { kind: 'prune', tree: 7 } as const
    for (let version = first; version <= last; version++)
      expect(codec.decode(prune(version))).toEqual(message)
    for (const version of [first - 1, last + 1])
      expect(() => codec.decode(prune(version))).toThrow(
        expect.objectContaining({ code: 'UNKNOWN_MESSAGE' })
      )
    const written = Array.from({ length: last - first + 1 }, (_, index) => prune(first + index))
    expect(written.map((bytes) => Buffer.from(bytes))).toContainEqual(
      Buffer.from(codec.encode(message))
    )
  })

  test('the defaults on the page are the defaults', async () => {
    const { checkOptions } = await import('../../packages/transport-tcp/src/config.ts')
    const { limits, deadlines } = checkOptions({})
    for (const name of [...Object.keys(limits), ...Object.keys(deadlines)])
      expect(page, name).toContain(name)
    const row = (name: string): string =>
      page.split('\n').find((line) => line.startsWith('|') && line.includes(`${name}\``))!
    for (const name of [
      'inboundConnections',
      'outboundConnections',
      'pendingConnections',
      'connectionsPerHost',
      'lookups'
    ] as const) {
      expect(row(name)).toContain(`| ${limits[name]} |`)
    }
    for (const name of ['connectMs', 'helloMs', 'frameMs', 'writeMs', 'idleMs'] as const) {
      expect(row(name)).toContain(`| ${deadlines[name] / 1000} s |`)
    }
  })
})
