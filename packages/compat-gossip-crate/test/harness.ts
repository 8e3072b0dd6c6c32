/** Transports alone, over sockets of loopback, and strangers that talk to them. */

import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { gossipCrate, type CrateOptions, type CrateTransport } from '../src/index.ts'
import { toCrate } from '../src/wire.ts'

/** What is stopped after each test. */
export const running: { stop(): Promise<void> }[] = []

export async function stopAll(): Promise<void> {
  for (const each of running.splice(0)) await each.stop()
}

/** A transport, with what its receiver is told. */
export interface Listening {
  readonly transport: CrateTransport
  readonly address: string
  readonly port: number
  /** The senders of messages. */
  readonly messages: string[]
  /** The codes of failures. */
  readonly failures: string[]
}

export async function listening(options: CrateOptions = {}): Promise<Listening> {
  const { transport } = gossipCrate(options)
  const [messages, failures]: [string[], string[]] = [[], []]
  running.push(transport)
  const address = await transport.start(
    {
      receive: (from) => void messages.push(from),
      fail: (error) => void failures.push((error as Error & { code: string }).code),
      lost: () => {}
    },
    { protocol: '/rumormill/1/x/gossip-crate' }
  )
  return { transport, address, messages, failures, port: Number(address.split(':')[1]) }
}

/** A connection from `host`, one of the many that loopback has. */
export function connection(port: number, host = '127.0.0.1'): Socket {
  const socket = connect({ port, host: '127.0.0.1', localAddress: host })
  socket.on('error', () => {})
  running.push({ stop: async () => void socket.destroy() })
  return socket
}

/** Says `chunks` and ends; resolves when the connection has closed. */
export async function say(port: number, ...chunks: Uint8Array[]): Promise<void> {
  const socket = connection(port)
  for (const chunk of chunks) socket.write(chunk)
  socket.end()
  await closed(socket)
}

/** Not `once` of node:events, which rejects when the other side resets the connection, as it may. */
export function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve()
    else socket.on('close', () => resolve())
  })
}

export const hello = (sender: string): Uint8Array =>
  toCrate(sender, { kind: 'digest-request', digests: new Uint8Array(0) }, 0)

/** A server that never reads nor closes, and counts who comes. */
export async function hanging(): Promise<{ address: string; readonly connections: number }> {
  const sockets: Socket[] = []
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {})
    sockets.push(socket)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  running.push({
    stop: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    }
  })
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    get connections() {
      return sockets.length
    }
  }
}

export const codeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => 'taken',
    (error: { code?: string }) => error.code
  )
