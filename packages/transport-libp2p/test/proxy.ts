/** A TCP proxy that shows what passes, can flip one byte of it, and can get stuck. */

import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface Proxy {
  readonly port: number
  /** All that has passed, both ways. */
  captured(): Buffer
  /** Flips one bit of the next chunk of at least `minBytes` bytes. */
  flipOne(minBytes: number): void
  /** From now on a connection carries nothing more once a chunk of more than `maxBytes` bytes has come to it. */
  stickAbove(maxBytes: number): void
  stop(): Promise<void>
}

export async function startProxy(toPort: number, host: string = '127.0.0.1'): Promise<Proxy> {
  const chunks: Buffer[] = []
  const sockets = new Set<Socket>()
  const stuck = new Set<Socket>()
  let [flipFrom, stuckAbove] = [Infinity, Infinity]
  const relay = (from: Socket, to: Socket): void => {
    sockets.add(from)
    from.on('data', (chunk: Buffer) => {
      if (chunk.length > stuckAbove) stuck.add(from).add(to)
      if (stuck.has(from)) return
      chunks.push(Buffer.from(chunk))
      if (chunk.length >= flipFrom) {
        flipFrom = Infinity
        chunk[chunk.length >> 1]! ^= 1
      }
      to.write(chunk)
    })
    from.on('close', () => to.destroy())
    from.on('error', () => to.destroy())
  }
  const server = createServer((socket) => {
    const onward = connect(toPort, '127.0.0.1')
    relay(socket, onward)
    relay(onward, socket)
  })
  server.listen(0, host)
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    captured: () => Buffer.concat(chunks),
    flipOne: (minBytes) => {
      flipFrom = minBytes
    },
    stickAbove: (maxBytes) => {
      stuckAbove = maxBytes
    },
    stop: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    }
  }
}
