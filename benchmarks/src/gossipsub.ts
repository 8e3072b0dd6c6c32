/**
 * Eight nodes over Noise in one process: rumormill against js gossipsub, unsigned and signed, on the same work.
 *
 * Two loads each: a burst of updates submitted at once, for the rate; and a slow trickle, for the latency. Run:
 * `node dist/gossipsub.js [--json] [--rounds 3] [--updates 1000]`.
 */
import { Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { noise } from '@chainsafe/libp2p-noise'
import { gossipsub, type GossipSub } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { binaryCodec } from '@rumormill/codec-binary'
import { createGossip, staticPeers, type GossipService } from '@rumormill/protocol'
import { standaloneTransport } from '@rumormill/transport-libp2p/node'
import { createLibp2p } from 'libp2p'

const NODES = 8
const CONTENT_BYTES = 1024
const TRICKLE = 40
const TRICKLE_GAP_MS = 50
const TOPIC = 'benchmark'
const GOAL = 4

/** A connected group: `submit` at a node, and every other node calls `heard` with the content. */
interface Group {
  submit(node: number, content: Uint8Array): Promise<unknown>
  stop(): Promise<unknown>
}

type MakeGroup = (heard: (content: Uint8Array) => void) => Promise<Group>

const GROUPS: Readonly<Record<string, MakeGroup>> = {
  rumormill: rumormillGroup,
  'gossipsub unsigned': (heard) => gossipsubGroup(heard, 'StrictNoSign'),
  'gossipsub signed': (heard) => gossipsubGroup(heard, 'StrictSign')
}

interface Round {
  readonly updatesPerSecond: number
  readonly cpuMicrosPerDelivery: number
  readonly wireBytesPerPayloadByte: number
  readonly delivered: number
  readonly p50Ms: number
  readonly p99Ms: number
}

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    updates: { type: 'string', default: '1000' }
  }
})

let wireBytes = 0
countWrites()
const results = new Map<string, Round[]>(Object.keys(GROUPS).map((name) => [name, []]))
for (let round = 0; round < Number(values.rounds); round++) {
  for (const [name, make] of Object.entries(GROUPS)) results.get(name)!.push(await measure(make, Number(values.updates)))
}
print()

/** Counts what all sockets of this process are given to write: after Noise and Yamux, before TCP. */
function countWrites(): void {
  const prototype = Socket.prototype as { write: (this: Socket, ...args: unknown[]) => boolean }
  const { write } = prototype
  prototype.write = function counted(...args) {
    wireBytes += (args[0] as Uint8Array).length
    return write.apply(this, args)
  }
}

async function measure(make: MakeGroup, updates: number): Promise<Round> {
  const sentAtMs = new Map<number, number>()
  const latenciesMs: number[] = []
  let delivered = 0
  const group = await make((content) => {
    delivered++
    const sinceMs = sentAtMs.get(new DataView(content.buffer, content.byteOffset).getUint32(0))
    if (sinceMs !== undefined) latenciesMs.push(performance.now() - sinceMs)
  })
  const submit = (n: number): Promise<unknown> => {
    const content = crypto.getRandomValues(new Uint8Array(CONTENT_BYTES))
    new DataView(content.buffer).setUint32(0, n)
    return group.submit(n % NODES, content)
  }
  const [cpuBefore, bytesBefore, beganMs] = [process.cpuUsage(), wireBytes, performance.now()]
  await Promise.allSettled(Array.from({ length: updates }, (_, n) => submit(n)))
  const expected = updates * (NODES - 1)
  await until(() => delivered >= expected, 60_000)
  const tookMs = performance.now() - beganMs
  const { user, system } = process.cpuUsage(cpuBefore)
  const burst = {
    updatesPerSecond: (delivered / (NODES - 1)) * 1000 / tookMs,
    cpuMicrosPerDelivery: (user + system) / delivered,
    wireBytesPerPayloadByte: (wireBytes - bytesBefore) / (delivered * CONTENT_BYTES),
    delivered: delivered / expected
  }
  for (let n = updates; n < updates + TRICKLE; n++) {
    sentAtMs.set(n, performance.now())
    await Promise.allSettled([submit(n)])
    await delay(TRICKLE_GAP_MS)
  }
  await until(() => latenciesMs.length >= TRICKLE * (NODES - 1), 10_000)
  latenciesMs.sort((a, b) => a - b)
  await group.stop()
  const quantile = (share: number): number => latenciesMs[Math.floor(share * (latenciesMs.length - 1))] ?? Number.NaN
  return { ...burst, p50Ms: quantile(0.5), p99Ms: quantile(0.99) }
}

async function rumormillGroup(heard: (content: Uint8Array) => void): Promise<Group> {
  const nodes: GossipService[] = []
  for (let n = 0; n < NODES; n++) {
    const gossip = createGossip({
      transport: standaloneTransport(),
      codec: binaryCodec(),
      peers: staticPeers(n === 0 ? [] : [nodes[0]!.address]),
      handler: { onUpdate: ({ content }) => heard(content) },
      preset: 'local'
    })
    await gossip.start()
    nodes.push(gossip)
  }
  await until(() => nodes.every((gossip) => gossip.peers().length === NODES - 1), 20_000)
  await delay(1000)
  return {
    submit: async (node, content) => nodes[node]!.submit(content),
    stop: () => Promise.all(nodes.map((gossip) => gossip.stop()))
  }
}

async function gossipsubGroup(heard: (content: Uint8Array) => void, policy: 'StrictSign' | 'StrictNoSign'): Promise<Group> {
  const nodes = await Promise.all(Array.from({ length: NODES }, () => createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [noise()],
    streamMuxers: [yamux()],
    connectionManager: { inboundConnectionThreshold: 100, maxIncomingPendingConnections: 64 },
    services: {
      identify: identify(),
      pubsub: gossipsub({
        globalSignaturePolicy: policy,
        // Eight nodes on one address would else be taken for one attacker.
        scoreParams: { IPColocationFactorWhitelist: new Set(['127.0.0.1']) }
      })
    }
  })))
  const subs = nodes.map(({ services }) => services.pubsub as GossipSub & { getMeshPeers(topic: string): string[] })
  for (const sub of subs) {
    sub.subscribe(TOPIC)
    sub.addEventListener('message', ({ detail }) => heard(detail.data))
  }
  for (const [n, node] of nodes.entries()) {
    for (const other of nodes.slice(n + 1)) await node.dial(other.getMultiaddrs())
  }
  await until(() => subs.every((sub) => sub.getMeshPeers(TOPIC).length >= 4), 20_000)
  await delay(1000)
  return {
    submit: (node, content) => subs[node]!.publish(TOPIC, content),
    stop: () => Promise.all(nodes.map(async (node) => node.stop()))
  }
}

async function until(done: () => boolean, limitMs: number): Promise<void> {
  const endMs = performance.now() + limitMs
  while (!done() && performance.now() < endMs) await delay(2)
}

function print(): void {
  const medians = [...results].map(([name, rounds]) => {
    const median = (of: (round: Round) => number): number => rounds.map(of).toSorted((a, b) => a - b)[rounds.length >> 1]!
    return {
      name,
      updatesPerSecond: Math.round(median((round) => round.updatesPerSecond)),
      cpuMicrosPerDelivery: Math.round(median((round) => round.cpuMicrosPerDelivery)),
      wireBytesPerPayloadByte: Number(median((round) => round.wireBytesPerPayloadByte).toFixed(2)),
      delivered: Number(median((round) => round.delivered).toFixed(4)),
      p50Ms: Number(median((round) => round.p50Ms).toFixed(1)),
      p99Ms: Number(median((round) => round.p99Ms).toFixed(1))
    }
  })
  const [ours, unsigned, signed] = medians as [typeof medians[0], typeof medians[0], typeof medians[0]]
  const times = (other: typeof ours): number => Number((ours.updatesPerSecond / other.updatesPerSecond).toFixed(1))
  if (values.json) {
    for (const each of medians) console.log(JSON.stringify({ benchmark: 'gossipsub', nodes: NODES, contentBytes: CONTENT_BYTES, ...each }))
    console.log(JSON.stringify({ benchmark: 'gossipsub', timesUnsigned: times(unsigned), timesSigned: times(signed), goal: GOAL }))
    return
  }
  console.table(Object.fromEntries(medians.map(({ name, ...figures }) => [name, figures])))
  console.log(`rumormill spreads a burst ${times(unsigned)} times as fast as gossipsub unsigned, ${times(signed)} times as fast as signed (goal ${GOAL})`)
}
