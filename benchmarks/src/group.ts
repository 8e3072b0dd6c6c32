/**
 * Updates per second of eight nodes over TCP in one process, all submitting: binary against JSON in turns.
 *
 * Rounds of digests pace the group, so this measures the `local` preset as much as the code; CPU per delivery does not
 * depend on it. Run: `node dist/group.js [--json] [--rounds 5] [--updates 2000]`.
 */
import { parseArgs } from 'node:util'
import { binaryCodec } from '@rumormill/codec-binary'
import { jsonCodec } from '@rumormill/codec-json'
import { createGossip, staticPeers, type Codec, type GossipService } from '@rumormill/protocol'
import { tcpTransport } from '@rumormill/transport-tcp'

const NODES = 8
const CONTENT_BYTES = 1024
const WARM_UP_MS = 60_000

const CODECS: Readonly<Record<string, () => Codec>> = { binary: binaryCodec, json: jsonCodec }

interface Round {
  readonly updatesPerSecond: number
  readonly cpuMicrosPerDelivery: number
  readonly wireBytesPerPayloadByte: number
}

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    updates: { type: 'string', default: '2000' }
  }
})

const rounds: Record<string, Round[]> = { binary: [], json: [] }
for (let round = 0; round < Number(values.rounds); round++) {
  for (const codec of Object.keys(CODECS)) rounds[codec]!.push(await measure(codec, Number(values.updates)))
}
for (const [codec, results] of Object.entries(rounds)) print(codec, results)

async function measure(codec: string, updates: number): Promise<Round> {
  let delivered = 0
  const nodes: GossipService[] = []
  for (let n = 0; n < NODES; n++) {
    const gossip = createGossip({
      transport: tcpTransport({ host: '127.0.0.1' }),
      codec: CODECS[codec]!(),
      peers: staticPeers(n === 0 ? [] : [nodes[0]!.address]),
      handler: { onUpdate: () => void delivered++ },
      preset: 'local'
    })
    await gossip.start()
    nodes.push(gossip)
  }
  await until(() => nodes.every((gossip) => gossip.peers().length === NODES - 1))
  const bytesBefore = sentBytes(nodes)
  const cpuBefore = process.cpuUsage()
  const beganMs = performance.now()
  for (let n = 0; n < updates; n++) {
    const content = new Uint8Array(CONTENT_BYTES)
    new DataView(content.buffer).setUint32(0, n)
    nodes[n % NODES]!.submit(content)
  }
  const expected = updates * (NODES - 1)
  await until(() => delivered === expected)
  const { user, system } = process.cpuUsage(cpuBefore)
  const result = {
    updatesPerSecond: (updates * 1000) / (performance.now() - beganMs),
    cpuMicrosPerDelivery: (user + system) / expected,
    wireBytesPerPayloadByte: (sentBytes(nodes) - bytesBefore) / (expected * CONTENT_BYTES)
  }
  await Promise.all(nodes.map((gossip) => gossip.stop()))
  return result
}

function sentBytes(nodes: readonly GossipService[]): number {
  return nodes.reduce((sum, gossip) => sum + gossip.stats().sentBytes, 0)
}

async function until(done: () => boolean): Promise<void> {
  const limitMs = performance.now() + WARM_UP_MS
  while (!done()) {
    if (performance.now() > limitMs) throw new Error(`not done after ${WARM_UP_MS} ms: updates were lost, or the machine is very slow`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}

function print(codec: string, results: readonly Round[]): void {
  const median = (of: (round: Round) => number): number => {
    const sorted = results.map(of).toSorted((a, b) => a - b)
    return sorted[Math.floor(sorted.length / 2)]!
  }
  const updatesPerSecond = Math.round(median((round) => round.updatesPerSecond))
  const cpuMicrosPerDelivery = Number(median((round) => round.cpuMicrosPerDelivery).toFixed(1))
  const wireBytesPerPayloadByte = Number(median((round) => round.wireBytesPerPayloadByte).toFixed(3))
  const line = { benchmark: 'group', nodes: NODES, contentBytes: CONTENT_BYTES, codec, updatesPerSecond, cpuMicrosPerDelivery, wireBytesPerPayloadByte }
  if (values.json) console.log(JSON.stringify(line))
  else {
    console.log(
      `${NODES} nodes, ${CONTENT_BYTES} B, ${codec.padEnd(6)}: ${updatesPerSecond} updates/s to all, ` +
        `${cpuMicrosPerDelivery} us CPU per delivery, ${wireBytesPerPayloadByte} wire bytes per payload byte`
    )
  }
}
