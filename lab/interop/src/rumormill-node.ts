/**
 * One node of rumormill in its own process, with the same commands and output as `crate-node/src/main.rs`.
 *
 * Arguments: `MANNER ADDRESS GOSSIP_PERIOD_MS SAMPLING_PERIOD_MS EXPIRATION [SEED ...]`.
 */

import { createInterface } from 'node:readline'
import { binaryCodec } from '@rumormill/codec-binary'
import { gossipCrate } from '@rumormill/compat-gossip-crate'
import {
  createGossip,
  digestOf,
  staticPeers,
  type GossipOptions,
  type GossipService
} from '@rumormill/protocol'
import { tcpTransport } from '@rumormill/transport-tcp'
import { expirationOf } from './expiration-word.ts'

/** Enough for the largest load of the benchmark, because a group of the crate has no limit. */
const MAX_ACTIVE_BYTES = 2 ** 30

const [manner, address, roundMs, samplingMs, expiration, ...seeds] = process.argv.slice(2)
let delivered = 0
/** Undefined while deliveries are reported one by one; then the number of deliveries to report. */
let reportAt: number | undefined

const gossip = createGossip({
  ...plugins(),
  peerSource: staticPeers(seeds),
  membership: { periodMs: Number(samplingMs) },
  antiEntropy: { periodMs: Number(roundMs) },
  store: { expiration: expirationOf(expiration!), maxBytes: MAX_ACTIVE_BYTES },
  handler: {
    onUpdate: ({ digest }) => {
      delivered++
      if (reportAt === undefined) report({ event: 'delivery', digest })
      else if (delivered === reportAt) report({ event: 'reached' })
    }
  }
})
await gossip.start()
report({ event: 'started' })
for await (const line of createInterface({ input: process.stdin })) {
  if (line === 'quit') break
  report({ event: 'answer', ...obey(gossip, line.split(' ')) })
}
// Stops on `quit`, or when the parent has ended.
await gossip.stop()

function plugins(): Pick<GossipOptions, 'transport' | 'codec' | 'preset' | 'broadcast'> {
  const [host, digits] = address!.split(':')
  const port = Number(digits)
  if (manner === 'crate') return { ...gossipCrate({ host: host!, port }), preset: 'reference' }
  const native = {
    transport: tcpTransport({ host: host!, port }),
    codec: binaryCodec(),
    preset: 'lan'
  } as const
  return manner === 'lan' ? native : { ...native, broadcast: { mode: 'off' } }
}

function obey(node: GossipService, [command, ...words]: readonly string[]): object {
  switch (command) {
    case 'submit':
      return { accepted: accepts(node, Buffer.from(words[0]!, 'hex')) }
    case 'status':
      return { status: node.status(digestOf(Buffer.from(words[0]!, 'hex'))) }
    case 'many': {
      const [first, count, step, bytes] = words.map(Number) as [number, number, number, number]
      return {
        accepted: Array.from({ length: count }, (_, n) =>
          accepts(node, numbered(first + n * step, bytes))
        ).filter(Boolean).length
      }
    }
    case 'silent':
      reportAt = Number(words[0])
      return {}
    case 'count':
      return { delivered }
    default:
      return { misunderstood: true }
  }
}

/** Returns whether an update was accepted. A full store or a too large update throws, and counts as refused. */
function accepts(node: GossipService, content: Uint8Array): boolean {
  try {
    return node.submit(content).status === 'accepted'
  } catch {
    return false
  }
}

function numbered(number: number, bytes: number): Uint8Array {
  const content = new Uint8Array(bytes).fill(0xaa)
  new DataView(content.buffer).setUint32(0, number)
  return content
}

function report(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}
