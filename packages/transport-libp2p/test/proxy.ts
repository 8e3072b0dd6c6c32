/** A TCP proxy that shows what passes, and can flip one byte of it. */

import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export interface Proxy {
  readonly port: number
  /** All that has passed, both ways. */
  captured(): Buffer
  /** Flips one bit of the next chunk of at least `minBytes` bytes. */
  flipOne(minBytes: number): void
  stop(): Promise<void>
}

export async function startProxy(toPort: number, host: string = '127.0.0.1'): Promise<Proxy> {
  const chunks: Buffer[] = []
  const sockets = new Set<Socket>()
  let flipFrom = Infinity
  const relay = (from: Socket, to: Socket): void => {
    sockets.add(from)
    from.on('data', (chunk: Buffer) => {
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
    stop: async () => {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    }
  }
}
