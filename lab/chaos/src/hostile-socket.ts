/** A raw TCP client that can break the wire protocol: see docs/wire-tcp.md. */

import { connect, type Socket } from 'node:net'

export interface HostileSocket {
  readonly socket: Socket
  /** Returns how many milliseconds after the connect the other end closed; undefined while it is open. */
  readonly closedMs: () => number | undefined
}

/** Connects to the port of `address` on this machine, from any of its addresses. */
export function dial(address: string, localAddress: string = '127.0.0.1'): HostileSocket {
  let startMs = performance.now()
  let closedMs: number | undefined
  const socket = connect({
    host: '127.0.0.1',
    port: Number(address.split(':').at(-1)),
    noDelay: true,
    localAddress
  })
  // When hundreds dial at once, some connect late.
  socket.once('connect', () => {
    startMs = performance.now()
  })
  // Reads and ignores everything.
  socket.resume()
  socket.on('error', () => {})
  socket.on('close', () => {
    closedMs ??= performance.now() - startMs
  })
  return { socket, closedMs: () => closedMs }
}

/** The protocol label of the groups in the rows. */
export const LABEL = '/rumormill/1/default/binary'

/** Returns the frame of a valid hello: the label of a group, and an address on this host. */
export function helloFrame(label: string, address: string): Buffer {
  const text = (value: string): Buffer => {
    const bytes = Buffer.from(value)
    return Buffer.concat([lengthOf(bytes.length, 2), bytes])
  }
  const body = Buffer.concat([
    Buffer.from('RMHI'),
    Buffer.from([1, 0]),
    text(label),
    text(address),
    // Messages of version 1, no flags, and no incarnation.
    Buffer.from([1, 1, 0, 0, 0, 0]),
    Buffer.alloc(8)
  ])
  return Buffer.concat([lengthOf(body.length, 4), body])
}

/** Encodes `value` as an unsigned number of `bytes` bytes. */
export function lengthOf(value: number, bytes: number): Buffer {
  const buffer = Buffer.alloc(bytes)
  buffer.writeUIntBE(value, 0, bytes)
  return buffer
}
