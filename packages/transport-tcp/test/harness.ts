/** Nodes and strangers for the tests of this package; everything is closed after each test. */

import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { Worker } from 'node:worker_threads'
import { MESSAGE_VERSIONS, type GossipError } from '@rumormill/protocol/plugin'
import {
  ByteBudget,
  packFrames,
  pongFrame,
  StreamReader,
  type GoodbyeReason
} from '@rumormill/stream-transport'
import { afterEach, expect, vi } from 'vitest'
import { encodeHello, type HelloStatus, type VersionRange } from '../src/hello.ts'
import { tcpTransport, type TcpTransport, type TcpTransportOptions } from '../src/index.ts'

export const LABEL = '/rumormill/1/test/none'

const open: Array<() => unknown> = []

afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()))
})

/** A started transport and what it told its receiver. */
export interface TestNode {
  readonly transport: TcpTransport
  readonly address: string
  readonly received: Array<{ from: string; bytes: Uint8Array }>
  readonly failures: GossipError[]
  readonly lost: Array<{ peer: string; error: GossipError }>
  send(to: string, bytes: Uint8Array, signal?: AbortSignal): Promise<void>
}

export async function startNode(
  options: TcpTransportOptions = {},
  label: string = LABEL
): Promise<TestNode> {
  const transport = tcpTransport(options)
  open.push(() => transport.stop())
  const received: TestNode['received'] = []
  const failures: GossipError[] = []
  const lost: TestNode['lost'] = []
  const address = await transport.start(
    {
      receive: (from, bytes) => received.push({ from, bytes }),
      fail: (error) => failures.push(error as GossipError),
      lost: (peer, error) => lost.push({ peer, error: error as GossipError })
    },
    { protocol: label }
  )
  const never = new AbortController().signal
  const send: TestNode['send'] = (to, bytes, signal = never) =>
    transport.send(to, bytes, { signal })
  return { transport, address, received, failures, lost, send }
}

/** A peer made by hand: it says and reads what a test wants. */
export interface Stranger {
  readonly socket: Socket
  /** Messages read so far, hello first. */
  readonly frames: Uint8Array[]
  readonly goodbyes: (GoodbyeReason | undefined)[]
  /** Whether it answers no ping. */
  isSilent: boolean
  readonly closed: Promise<unknown>
  say(...frames: Uint8Array[]): void
}

export async function strangerTo(address: string, from?: string): Promise<Stranger> {
  const { hostname, port } = new URL(`tcp://${address}`)
  const host = hostname.replace(/[[\]]/g, '')
  const socket = connect({
    host,
    port: Number(port),
    noDelay: true,
    ...(from === undefined ? {} : { localAddress: from })
  })
  const stranger = strangerOn(socket)
  await once(socket, 'connect')
  return stranger
}

/** A stranger that the node has let in. */
export async function admitted(address: string, port: number, from?: string): Promise<Stranger> {
  const stranger = await strangerTo(address, from)
  stranger.say(hello(`127.0.0.1:${port}`))
  await until(() => expect(stranger.frames.length).toBe(1))
  return stranger
}

/** A listening stranger: `onPeer` is called for each connection. */
export async function strangeListener(onPeer: (stranger: Stranger) => void): Promise<string> {
  const server = createServer((socket) => onPeer(strangerOn(socket)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  open.push(() => new Promise((resolve) => server.close(resolve)))
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** A listening stranger that greets, and reads no more once something has come; and all that dialled it. */
export async function frozenListener(): Promise<{ address: string; peers: Stranger[] }> {
  const peers: Stranger[] = []
  const address = await strangeListener((stranger) => {
    peers.push(stranger)
    stranger.say(hello(address))
    stranger.socket.once('data', () => stranger.socket.pause())
  })
  return { address, peers }
}

/** A listener that never takes a connection, with the shortest queue of the kernel. */
export async function deafListener(): Promise<string> {
  const code = `
    const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      require('node:worker_threads').parentPort.postMessage(server.address().port)
      setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0))
    })`
  const worker = new Worker(code, { eval: true })
  open.push(() => worker.terminate())
  const [port] = (await once(worker, 'message')) as [number]
  return `127.0.0.1:${port}`
}

function strangerOn(socket: Socket): Stranger {
  const frames: Uint8Array[] = []
  const goodbyes: Stranger['goodbyes'] = []
  // As a peer does, unless a test wants it silent.
  const pong = (number: number): unknown =>
    stranger.isSilent ||
    socket.destroyed ||
    socket.write(packFrames([pongFrame(number, reader.receivedBytes)])[0]!)
  const reader: StreamReader = new StreamReader(
    { helloBytes: 2 ** 16, messageBytes: 2 ** 30 },
    new ByteBudget(2 ** 30),
    { ping: pong, pong: () => {}, goodbye: (reason) => goodbyes.push(reason) }
  )
  open.push(() => socket.destroy())
  socket.on('error', () => {})
  socket.on('data', (chunk) => frames.push(...reader.read(chunk, 0)))
  const stranger: Stranger = {
    socket,
    frames,
    goodbyes,
    isSilent: false,
    closed: new Promise((resolve) => {
      socket.once('close', resolve)
    }),
    say: (...said) => {
      for (const piece of packFrames(said)) socket.write(piece)
    }
  }
  return stranger
}

/** The hello of a node at `address` that reads messages of `versions`. */
export function hello(
  address: string,
  label: string = LABEL,
  status: HelloStatus = 'welcome',
  versions: VersionRange = MESSAGE_VERSIONS,
  incarnation: number = 0
): Uint8Array {
  return encodeHello({ status, label, address, versions, incarnation })
}

export function bytesOf(...values: number[]): Uint8Array {
  return Uint8Array.from(values)
}

/** Waits until `check` stops throwing, or rejecting. */
export function until(check: () => void | Promise<void>): Promise<void> {
  return vi.waitFor(check, { timeout: 60_000, interval: 5 })
}

/** The code with which `promise` rejects. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise
  } catch (error) {
    return (error as GossipError).code ?? (error as Error).name
  }
  return 'no error'
}
