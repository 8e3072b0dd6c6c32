/** Row 31: attacks on nodes that speak Noise: without a key, with half a handshake, in another's name, and by the thousand. */

import { setTimeout as delay } from 'node:timers/promises'
import { binaryCodec } from '@rumormill/codec-binary'
import { createGossip, staticPeers, type GossipService } from '@rumormill/protocol'
import { packFrames } from '@rumormill/stream-transport'
import { libp2pTransport } from '@rumormill/transport-libp2p'
import { createNode } from '@rumormill/transport-libp2p/node'
import { dial, helloFrame, LABEL, lengthOf, type HostileSocket } from '../hostile-socket.ts'
import { contentOf, numberIn } from '../ledger.ts'
import type { Row, RowOptions, RowResult } from '../row.ts'
import { until } from '../until.ts'

/** What `createNode` lets wait for the end of its handshake, and what the transport takes of streams from one peer. */
const MAX_PENDING = 64
const MAX_STREAMS = 4
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

/** Two correct nodes that go on with their work, whatever happens to the first. */
class Pair {
  readonly nodes: Libp2pNode[] = []
  readonly gossips: GossipService[] = []
  /** Messages that reached the core of the first from anybody else. */
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

  /** One update of either, again and again. */
  work(): void {
    this.#work = setInterval(
      () => this.gossips[this.#submitted % 2]!.submit(contentOf(this.#submitted++, 64)),
      50
    )
  }

  /** Ends the work: what came of it. */
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
    const halves = Array.from({ length: 300 }, () => say(dial(port), MULTISTREAM))
    sockets.push(...halves)
    const pending = await pendingOf(halves)
    for (const { socket } of sockets) socket.destroy()
    const handshakes = await flood(port, seconds)
    const [streams, impersonated] = [
      await openStreams(stranger, pair.nodes[0]!),
      await impersonate(stranger, pair.nodes[0]!, friend)
    ]
    const floodEndMs = performance.now()
    let busy = await busyShare(1000)
    while (busy > 2 * idleShare + 0.1 && performance.now() - floodEndMs < 3 * IDLE_WITHIN_MS)
      busy = await busyShare(1000)
    const idleAfterMs = performance.now() - floodEndMs
    const { foreign } = pair
    // Who has a key of its own, and keeps to the form, is heard: then the counter counts.
    await impersonate(stranger, pair.nodes[0]!, stranger.getMultiaddrs()[0]!.toString())
    await until(() => pair.foreign > foreign, 3000)
    const { submitted, lost, duplicates } = await pair.balance()
    return {
      load: `2 nodes over Noise, ${submitted} updates`,
      faults: `50 plaintext clients, ${halves.length} half handshakes, ${handshakes} begun in ${seconds} s, ${STREAMS} streams, another's name, another's id`,
      badInputs: 50 + halves.length + handshakes + STREAMS + impersonated + 1,
      lost,
      duplicates,
      note:
        `${foreign} frames reached the core; ${pending} half handshakes pending, limit ${MAX_PENDING}; at most ${streams} streams open, limit ${MAX_STREAMS}; ` +
        `processor ${(100 * busy).toFixed(0)} % ${(idleAfterMs / 1000).toFixed(1)} s after the flood, before ${(100 * idleShare).toFixed(0)} %; ` +
        `control: a correct stranger is heard ${pair.foreign - foreign} times`,
      complaints: [
        ...(foreign === 0 ? [] : [`${foreign} frames reached the core`]),
        ...(pending <= MAX_PENDING ? [] : [`${pending} half handshakes are pending`]),
        ...(streams > 0 && streams <= MAX_STREAMS ? [] : [`${streams} streams are open`]),
        ...(isMisled ? ['a node took one id for another'] : []),
        ...(idleAfterMs <= IDLE_WITHIN_MS
          ? []
          : [`busy for ${(idleAfterMs / 1000).toFixed(1)} s after the flood`]),
        ...(pair.foreign > foreign ? [] : ['the control stranger was not heard, either'])
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

/** Those who take it for a web server, and those who take it for a node over raw TCP. */
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

/** How many stay open, long before their ten seconds for a handshake are over. */
async function pendingOf(halves: readonly HostileSocket[]): Promise<number> {
  const open = (): number => halves.filter(({ closedMs }) => closedMs() === undefined).length
  await delay(1000)
  // A busy machine needs a while to close the others.
  await until(() => open() <= MAX_PENDING, 4000)
  return open()
}

/** A node that is told to find the friend where the victim is: whether it took one for the other. */
async function asksWrongId(pair: Pair, victim: string, friend: string): Promise<boolean> {
  await pair.join([victim.replace(/\/p2p\/.*/, friend.slice(friend.indexOf('/p2p/')))])
  await delay(1500)
  const gossip = pair.gossips.pop()!
  const isMisled = gossip.stats().receivedMessages > 0
  await gossip.stop()
  await pair.nodes.pop()!.stop()
  return isMisled
}

/** A thousand a second: each sends the first message of a handshake, which costs the other a key exchange, and goes. */
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

/** The most gossip streams that a peer with a key ever has open, of those that it asks for, some at a time. */
async function openStreams(from: Libp2pNode, to: Libp2pNode): Promise<number> {
  const connection = await reach(from, to)
  // Streams that come before the other end is ready are another limit, libp2p's own: ten, then it closes the connection.
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

/** Greets as `name`, and gossips; returns how many messages that was. */
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

/** A connection; where a flood has used up what one host may open in a second, a moment later. */
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

/** The share of one processor that this process takes for `ms`. */
async function busyShare(ms: number): Promise<number> {
  const before = process.cpuUsage()
  const startMs = performance.now()
  await delay(ms)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000 / (performance.now() - startMs)
}
