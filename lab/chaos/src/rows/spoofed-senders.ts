/** Row 20: requests with the address of a third party as their sender, which aim the answers at it. */

import { once } from 'node:events'
import { createServer, type AddressInfo, type Server } from 'node:net'
import { networkInterfaces } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { binaryCodec } from '@rumormill/codec-binary'
import { amount, ratio } from '@rumormill/harness/figure'
import { tcpTransport } from '@rumormill/transport-tcp'
import { dial, helloFrame, LABEL, lengthOf } from '../hostile-socket.ts'
import type { Row, RowOptions, RowResult, Skip } from '../row.ts'
import { SocketGroup } from '../socket-group.ts'
import { contentOf } from '../submissions.ts'

const AT_ONCE = 50
/** The updates that could be reflected: an answer has 32 bytes for each. */
const ACTIVE = 1000
const MAX_AMPLIFICATION = 2

export const spoofedSenders: Row = { number: 20, name: 'spoofed senders', mode: 'L', run }

async function run({ short }: RowOptions): Promise<RowResult | Skip> {
  const host = foreignHost()
  if (host === undefined)
    return {
      skipped: 'this machine has only loopback addresses, all of which are one host'
    }
  const requests = short ? 1000 : 10_000
  const result = await trial(host, requests, false)
  // The control: without the host check, the named host must be dialled.
  const control = await trial(host, 20, true)
  return {
    load: `2 nodes, ${ACTIVE} updates`,
    faults: 'connections that claim to come from another host',
    badInputs: requests,
    lost: result.lost,
    duplicates: result.duplicates,
    figures: [
      amount('connections to the named host', result.calls),
      amount('dialled', result.dialled),
      ratio('bytes out for each byte in', result.amplification, { limit: MAX_AMPLIFICATION }),
      amount('control that trusts advertised hosts, connections', control.calls),
      ratio('control, bytes out for each byte in', control.amplification)
    ],
    complaints: [
      ...(result.calls + result.dialled === 0 ? [] : ['the named host was dialled']),
      ...(result.amplification < MAX_AMPLIFICATION
        ? []
        : ['the answers are much longer than the requests']),
      ...(control.calls > 0 && control.amplification > MAX_AMPLIFICATION
        ? []
        : ['the control run reflected nothing'])
    ]
  }
}

/** Returns an address of this machine that is not a loopback address. */
function foreignHost(): string | undefined {
  return Object.values(networkInterfaces())
    .flat()
    .find((address) => address?.family === 'IPv4' && !address.internal)?.address
}

async function trial(
  host: string,
  requests: number,
  trustAdvertisedHosts: boolean
): Promise<{
  calls: number
  dialled: number
  amplification: number
  lost: number
  duplicates: number
}> {
  const group = new SocketGroup()
  const transport = tcpTransport({ trustAdvertisedHosts })
  const bystander = createServer()
  let calls = 0
  bystander.on('connection', (socket) => {
    calls++
    socket.destroy()
  })
  try {
    await once(bystander.listen(0, host), 'listening')
    const named = `${host}:${(bystander.address() as AddressInfo).port}`
    await group.join({ gossip: { transport } })
    for (let update = 0; update < ACTIVE; update++) group.submit(0, contentOf(0, 64))
    let [bytesIn, bytesOut] = [0, 0]
    for (let said = 0; said < requests; said += AT_ONCE) {
      const count = Math.min(AT_ONCE, requests - said)
      for (const { heard, spoken } of await Promise.all(
        Array.from({ length: count }, () => ask(group.members[0]!.gossip.address, named))
      )) {
        bytesIn += spoken
        bytesOut += heard
      }
    }
    // The node would dial a new address within a round or two.
    await delay(1000)
    const { dialled } = transport.stats()
    await group.join()
    group.submit(1, contentOf(0, 64))
    const lost = await group.settle(10_000)
    return { calls, dialled, amplification: bytesOut / bytesIn, lost, duplicates: group.duplicates }
  } finally {
    await group.stop()
    await closed(bystander)
  }
}

/** Sends a hello with the address `named`, and requests everything; returns the bytes sent and received. */
async function ask(address: string, named: string): Promise<{ spoken: number; heard: number }> {
  const { socket } = dial(address)
  const codec = binaryCodec()
  const frames = [
    codec.encode({ kind: 'view-request', view: [{ address: named, age: 0 }] }),
    codec.encode({ kind: 'digest-request', digests: new Uint8Array(0) })
  ].flatMap((bytes) => [lengthOf(bytes.length, 4), bytes])
  socket.write(Buffer.concat([helloFrame(LABEL, named), ...frames]))
  const gone = once(socket, 'close')
  await Promise.race([gone, delay(200)])
  socket.destroy()
  await gone
  return { spoken: socket.bytesWritten, heard: socket.bytesRead }
}

function closed(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()))
}
