/** Row 31: attacks on nodes with Noise: plaintext, half handshakes, false addresses, and floods. */

import { setTimeout as delay } from 'node:timers/promises'
import { binaryCodec } from '@rumormill/codec-binary'
import { amount, duration, percentage } from '@rumormill/harness/figure'
import { cpuMicros } from '@rumormill/harness/process-usage'
import { until } from '@rumormill/harness/until'
import { createGossip, staticPeers, type GossipService } from '@rumormill/protocol'
import { packFrames } from '@rumormill/stream-transport'
import { libp2pTransport } from '@rumormill/transport-libp2p'
import { createNode } from '@rumormill/transport-libp2p/node'
import { dial, helloFrame, LABEL, lengthOf, type HostileSocket } from '../hostile-socket.ts'
import type { Row, RowOptions, RowResult } from '../row.ts'
import { contentOf, numberIn } from '../submissions.ts'

/** The default limits of pending handshakes in `createNode`, and of streams from one peer in the transport. */
const MAX_PENDING = 256
const MAX_STREAMS = 4
const HALVES = 400
const STREAMS = 500
const IDLE_WITHIN_MS = 5000
const MULTISTREAM = Buffer.from('\u0013/multistream/1.0.0\n\u0007/noise\n')

export const noiseAttacks: Row = {
  number: 31,
  name: 'attacks on the Noise transport',
  mode: 'L',
  run
}

type Libp2pNode = Awaited<ReturnType<typeof createNode>>

/** Two correct nodes that exchange updates during the attacks on the first. */
class Pair {
  readonly nodes: Libp2pNode[] = []
  readonly gossips: GossipService[] = []
  /** Messages from other peers that reached the core of the first node. */
  foreign = 0
  readonly #heard = new Map<number, number>()
  #submitted = 0
  #friend = ''
  #work: ReturnType<typeof setInterval> | undefined

  async join(peers: readonly string[]): Promise<string> {
    const node = await createNode()
    const isVictim = this.nodes.push(node) === 1
    const gossip = createGossip({
      transport: libp2pTransport({ node }),
      codec: binaryCodec(),
      peerSource: staticPeers(peers),
      preset: 'local',
      handler: {
        onUpdate: ({ content }) =>
          void this.#heard.set(numberIn(content), 1 + (this.#heard.get(numberIn(content)) ?? 0))
      },
      observe: (event) => {
        if (isVictim && event.kind === 'received' && event.from !== this.#friend) this.foreign++
      }
    })
    this.gossips.push(gossip)
    const address = await gossip.start()
    if (!isVictim && this.#friend === '') this.#friend = address
    return address
  }

  /** Submits one update at each node repeatedly. */
  work(): void {
    this.#work = setInterval(
      () => this.gossips[this.#submitted % 2]!.submit(contentOf(this.#submitted++, 64)),
      50
    )
  }

  /** Stops the submissions, and returns what was lost or doubled. */
  async balance(): Promise<{ submitted: number; lost: number; duplicates: number }> {
    clearInterval(this.#work)
    await until(() => this.#heard.size === this.#submitted, 10_000)
    const duplicates = [...this.#heard.values()].reduce((sum, count) => sum + count - 1, 0)
    return { submitted: this.#submitted, lost: this.#submitted - this.#heard.size, duplicates }
  }

  async stop(): Promise<void> {
    clearInterval(this.#work)
    await Promise.all(this.gossips.map((gossip) => gossip.stop()))
    for (const node of this.nodes) await node.stop()
  }
}

async function run({ short }: RowOptions): Promise<RowResult> {
  const seconds = short ? 2 : 10
  const pair = new Pair()
  const sockets: HostileSocket[] = []
  const stranger = await createNode()
  try {
    const victim = await pair.join([])
    const friend = await pair.join([victim])
    await pair.gossips[1]!.ready()
    pair.work()
    const isMisled = await asksWrongId(pair, victim, friend)
    const idleShare = await busyShare(2000)
    const port = `:${/tcp\/(\d+)/.exec(victim)![1]}`
    sockets.push(...plaintext(port, 50))
    const halves = Array.from({ length: HALVES }, () => say(dial(port), MULTISTREAM))
    sockets.push(...halves)
    const pending = await pendingOf(halves)
    for (const { socket } of sockets) socket.destroy()
    const handshakes = await flood(port, seconds)
    const [streams, impersonated] = [
      await openStreams(stranger, pair.nodes[0]!),
      await impersonate(stranger, pair.nodes[0]!, friend)
    ]
    const { busy, idleAfterMs } = await rest(idleShare)
    const { foreign } = pair
    // The control: messages of a correct stranger must reach the core, and be counted.
    await impersonate(stranger, pair.nodes[0]!, stranger.getMultiaddrs()[0]!.toString())
    await until(() => pair.foreign > foreign, 3000)
    const { submitted, lost, duplicates } = await pair.balance()
    return {
      load: `2 nodes over Noise, ${submitted} updates`,
      faults: `50 plaintext clients, ${halves.length} half handshakes, ${handshakes} begun in ${seconds} s, ${STREAMS} streams, another's name, another's id`,
      badInputs: 50 + halves.length + handshakes + STREAMS + impersonated + 1,
      lost,
      duplicates,
      figures: [
        amount('frames that reached the core', foreign),
        amount('half handshakes pending', pending, { limit: MAX_PENDING }),
        amount('most streams open', streams, { limit: MAX_STREAMS }),
        percentage('processor after the flood', busy),
        duration('at rest after', idleAfterMs, { limit: IDLE_WITHIN_MS }),
        percentage('processor before', idleShare),
        amount('control, messages of a correct stranger that arrived', pair.foreign - foreign)
      ],
      complaints: [
        ...(foreign === 0 ? [] : [`${foreign} frames reached the core`]),
        ...(pending <= MAX_PENDING ? [] : [`${pending} half handshakes are pending`]),
        ...(streams > 0 && streams <= MAX_STREAMS ? [] : [`${streams} streams are open`]),
        ...(isMisled ? ['a node took one id for another'] : []),
        ...(idleAfterMs <= IDLE_WITHIN_MS
          ? []
          : [`busy for ${(idleAfterMs / 1000).toFixed(1)} s after the flood`]),
        ...(pair.foreign > foreign ? [] : ['the control stranger did not reach the core, either'])
      ]
    }
  } finally {
    for (const { socket } of sockets) socket.destroy()
    await Promise.all([pair.stop(), stranger.stop()])
  }
}

function say(hostile: HostileSocket, bytes: Buffer): HostileSocket {
  hostile.socket.write(bytes)
  return hostile
}

/** Opens plaintext connections: half speak HTTP, half speak the protocol of the TCP transport. */
function plaintext(port: string, count: number): HostileSocket[] {
  const message = binaryCodec().encode({ kind: 'digest-request', digests: new Uint8Array(0) })
  const raw = Buffer.concat([
    helloFrame(LABEL, '127.0.0.1:9'),
    lengthOf(message.length, 4),
    message
  ])
  return Array.from({ length: count }, (_, index) =>
    say(dial(port), index % 2 === 0 ? Buffer.from('GET / HTTP/1.1\r\n\r\n') : raw)
  )
}

/** Returns how many stay open, long before the deadline of ten seconds for a handshake. */
async function pendingOf(halves: readonly HostileSocket[]): Promise<number> {
  const open = (): number => halves.filter(({ closedMs }) => closedMs() === undefined).length
  await delay(1000)
  // Closing the others may take a while on a busy machine.
  await until(() => open() <= MAX_PENDING, 4000)
  return open()
}

/** Lets a node dial the friend's id at the victim's address. Returns whether it accepted the victim as the friend. */
async function asksWrongId(pair: Pair, victim: string, friend: string): Promise<boolean> {
  await pair.join([victim.replace(/\/p2p\/.*/, friend.slice(friend.indexOf('/p2p/')))])
  await delay(1500)
  const gossip = pair.gossips.pop()!
  const isMisled = gossip.stats().receivedMessages > 0
  await gossip.stop()
  await pair.nodes.pop()!.stop()
  return isMisled
}

/** Opens a thousand connections a second; each sends the first message of a handshake, which costs a key exchange, and closes. */
async function flood(port: string, seconds: number): Promise<number> {
  const first = Buffer.concat([MULTISTREAM, lengthOf(32, 2), Buffer.alloc(32, 9)])
  const startMs = performance.now()
  let begun = 0
  while (performance.now() - startMs < 1000 * seconds) {
    for (; begun < performance.now() - startMs; begun++) {
      const hostile = say(dial(port), first)
      setTimeout(() => hostile.socket.destroy(), 200)
    }
    await delay(1)
  }
  await delay(300)
  return begun
}

/** Requests many gossip streams, some at a time, and returns the most that were open at once. */
async function openStreams(from: Libp2pNode, to: Libp2pNode): Promise<number> {
  const connection = await reach(from, to)
  // Waits, because before the other end is ready libp2p itself closes a connection with more than ten streams.
  await until(() => to.getConnections(from.peerId).length > 0, 3000)
  let most = 0
  for (let opened = 0; opened < STREAMS; opened += 20) {
    await Promise.allSettled(
      Array.from({ length: 20 }, () =>
        connection.newStream(LABEL, { maxOutboundStreams: 2 * STREAMS })
      )
    )
    const streams = to.getConnections(from.peerId).flatMap((each) => each.streams)
    most = Math.max(most, streams.filter(({ protocol }) => protocol === LABEL).length)
  }
  await connection.close()
  return most
}

/** Sends a hello with the address `name`, and messages; returns the number of messages. */
async function impersonate(from: Libp2pNode, to: Libp2pNode, name: string): Promise<number> {
  const connection = await reach(from, to)
  const stream = await connection.newStream(LABEL)
  const message = binaryCodec().encode({ kind: 'digest-request', digests: new Uint8Array(0) })
  for (const piece of packFrames([Buffer.from(name), ...Array.from({ length: 10 }, () => message)]))
    stream.send(piece)
  await delay(500)
  await connection.close()
  return 10
}

/** Opens a connection, later if a flood has used up the rate limit of the host. */
async function reach(
  from: Libp2pNode,
  to: Libp2pNode
): Promise<Awaited<ReturnType<Libp2pNode['dial']>>> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await from.dial(to.getMultiaddrs())
    } catch (error) {
      if (attempt === 40) throw error
      await delay(500)
    }
  }
}

/** Waits until this process uses about as little of a processor as before. Returns how much, and how long it took. */
async function rest(idleShare: number): Promise<{ busy: number; idleAfterMs: number }> {
  const floodEndMs = performance.now()
  let busy = await busyShare(1000)
  while (busy > 2 * idleShare + 0.1 && performance.now() - floodEndMs < 3 * IDLE_WITHIN_MS)
    busy = await busyShare(1000)
  return { busy, idleAfterMs: performance.now() - floodEndMs }
}

/** Returns the share of one processor that this process uses during `ms`. */
async function busyShare(ms: number): Promise<number> {
  const before = cpuMicros()
  const startMs = performance.now()
  await delay(ms)
  return (cpuMicros() - before) / 1000 / (performance.now() - startMs)
}
