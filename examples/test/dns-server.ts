/** A DNS server on 127.0.0.1 for tests: answers SRV and A questions from a zone that may change (RFC 1035, RFC 2782). */

import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { onTestFinished } from 'vitest'

export interface Zone {
  /** By name: hosts and ports. */
  srv: Record<string, readonly { readonly host: string; readonly port: number }[]>
  /** By name: IPv4 addresses. */
  a: Record<string, readonly string[]>
  /** Whether questions stay without an answer. */
  silent?: boolean
}

const [A, SRV, NAME_ERROR] = [1, 33, 3]

/** Where a new server answers from `zone`, as it is at that moment. It stops with the test. */
export async function dnsServer(zone: Zone): Promise<string> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1')
  socket.on('message', (query, { port, address }) => {
    if (zone.silent !== true) socket.send(answer(query, zone), port, address)
  })
  onTestFinished(() => void socket.close())
  await once(socket, 'listening')
  return `127.0.0.1:${socket.address().port}`
}

function answer(query: Buffer, zone: Zone): Buffer {
  const { name, type, end } = questionOf(query)
  const records =
    (type === SRV ? zone.srv[name]?.map(srvData) : type === A ? zone.a[name]?.map(aData) : []) ?? []
  const known = name in zone.srv || name in zone.a
  const head = Buffer.alloc(12)
  query.copy(head, 0, 0, 2)
  head.writeUInt16BE(0x8580 | (known ? 0 : NAME_ERROR), 2) // an answer, with authority
  head.writeUInt16BE(1, 4)
  head.writeUInt16BE(records.length, 6)
  // Each answer points to the name in the question; it may be kept for no time.
  const answers = records.map((data) =>
    Buffer.concat([
      uint16(0xc00c),
      uint16(type),
      uint16(1),
      Buffer.alloc(4),
      uint16(data.length),
      data
    ])
  )
  return Buffer.concat([head, query.subarray(12, end), ...answers])
}

function questionOf(query: Buffer): { name: string; type: number; end: number } {
  const labels: string[] = []
  let at = 12
  for (let length = query[at]!; length > 0; length = query[at]!) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 }
}

function srvData({ host, port }: { readonly host: string; readonly port: number }): Buffer {
  const labels = host
    .split('.')
    .map((label) => Buffer.concat([Buffer.of(label.length), Buffer.from(label)]))
  return Buffer.concat([uint16(0), uint16(0), uint16(port), ...labels, Buffer.of(0)])
}

function aData(ip: string): Buffer {
  return Buffer.from(ip.split('.').map(Number))
}

function uint16(value: number): Buffer {
  return Buffer.of(value >> 8, value & 0xff)
}
