/** Clients and targets with a proxy between; everything is closed after each test. */

import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { createRng } from '@rumormill/protocol/plugin'
import { afterEach, expect } from 'vitest'
import {
  tcpFaultProxy,
  type TcpFaultProxy,
  type TcpFaultProxyOptions
} from '../../../src/node/index.ts'

export const open: (() => unknown)[] = []

afterEach(async () => {
  await Promise.all(open.splice(0).map((close) => close()))
})

/** One end of a connection: what it has read, and how it ended. */
export interface End {
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

export async function listen(
  onEnd: (end: End) => void
): Promise<{ server: Server; address: string }> {
  const server = createServer({ allowHalfOpen: true }, (socket) => onEnd(endOf(socket)))
  await once(server.listen(0, '127.0.0.1'), 'listening')
  open.push(() => server.close())
  return { server, address: `127.0.0.1:${(server.address() as AddressInfo).port}` }
}

export async function setUp(options: TcpFaultProxyOptions = {}): Promise<{
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

export const until = (check: () => boolean): Promise<void> =>
  expect.poll(check, { interval: 2 }).toBe(true)
export const quiet = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms)
  })
export const pattern = (length: number): Buffer =>
  Buffer.from(Uint8Array.from({ length }, (_, index) => index * 7 + (index >> 8)))
