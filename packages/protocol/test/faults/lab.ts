/** A group of complete nodes on the memory network in virtual time, with records of what each received, for tests of faults. */

import { binaryCodec } from '@rumormill/codec-binary'
import { manualClock, memoryNetwork } from '@rumormill/testkit'
import {
  createGossip,
  staticPeers,
  type Digest,
  type GossipEvent,
  type GossipOptions,
  type GossipService,
  type Transport,
  type Update
} from '../../src/index.ts'
import { createRng, type Message } from '../../src/plugin.ts'

export interface LabNode {
  readonly gossip: GossipService
  /** When the handler got each update, in virtual milliseconds. */
  readonly got: Map<Digest, number>
  /** Every event, in order. */
  readonly events: GossipEvent[]
  /** How many events there were, by reason, error code or kind. */
  readonly counts: Record<string, number>
  /** Bytes of messages sent, other than views, and of contents received. */
  readonly traffic: { sent: number; contentsIn: number }
  /** Calls of the handler with an update that it had before. */
  twice: number
}

/** The options of a node of a lab, besides those of `createGossip`. */
export interface LabNodeOptions extends Partial<Omit<GossipOptions, 'peers' | 'handler'>> {
  readonly at?: string
  readonly seeds?: readonly string[]
  readonly onUpdate?: (update: Update) => void | Promise<void>
}

/** A new lab. Its clock stands still until {@link Lab.pass}. */
export class Lab {
  readonly clock: ReturnType<typeof manualClock>
  readonly network: ReturnType<typeof memoryNetwork>
  readonly nodes: LabNode[] = []
  readonly #seed: number
  /** Wraps the transport of every node made from now on. */
  wrap: (transport: Transport) => Transport = (transport) => transport
  #born = 0
  #serial = 0

  constructor(seed = 1, { delayMs = { least: 1, most: 10 }, loss = 0 } = {}) {
    this.#seed = seed
    this.clock = manualClock()
    this.network = memoryNetwork({ clock: this.clock, rng: createRng(seed), delayMs, loss })
  }

  pass(ms: number): Promise<void> {
    return this.clock.advance(ms)
  }

  /** Resolves after `ms` of virtual time. */
  later(ms: number): Promise<void> {
    return new Promise((resolve) => void this.clock.wakeAt(this.clock.now() + ms, resolve))
  }

  /** A content of `length` bytes, unlike any other of this lab. At least 4. */
  bytes(length: number): Uint8Array {
    const content = new Uint8Array(length)
    new DataView(content.buffer).setUint32(0, ++this.#serial)
    return content
  }

  /** Adds and starts a node. Its default seed is the first node. */
  async add({
    at,
    seeds,
    onUpdate = () => {},
    observe,
    ...options
  }: LabNodeOptions = {}): Promise<LabNode> {
    const events: GossipEvent[] = []
    const counts: Record<string, number> = {}
    const traffic = { sent: 0, contentsIn: 0 }
    const got = new Map<Digest, number>()
    const handle = (update: Update): void | Promise<void> => {
      if (got.has(update.digest)) node.twice++
      else got.set(update.digest, this.clock.now())
      return onUpdate(update)
    }
    const gossip = createGossip({
      transport: this.wrap(this.network.transport(at)),
      codec: binaryCodec(),
      peerSource: staticPeers(
        seeds ?? this.nodes.slice(0, 1).map(({ gossip: { address } }) => address)
      ),
      clock: this.clock,
      rng: createRng(1000 * this.#seed + ++this.#born),
      handler: { onUpdate: handle },
      observe: (event) => {
        observe?.(event)
        events.push(event)
        countEvent(counts, event)
        if (event.kind === 'sent' && !event.message.startsWith('view')) traffic.sent += event.bytes
        if (event.kind === 'received' && /^(eager-push|content-response)$/.test(event.message)) {
          traffic.contentsIn += event.bytes
        }
      },
      ...options
    })
    const node: LabNode = { gossip, got, events, counts, traffic, twice: 0 }
    await gossip.start()
    this.nodes.push(node)
    return node
  }

  /** Adds `nodes` nodes, with the same options or with those that `options` returns for each. */
  async many(
    nodes: number,
    options: LabNodeOptions | ((index: number) => LabNodeOptions) = {}
  ): Promise<void> {
    for (let index = 0; index < nodes; index++) {
      await this.add(typeof options === 'function' ? options(index) : options)
    }
  }

  /** Stops a node while virtual time goes on. */
  async stop({ gossip }: LabNode, options?: { readonly graceMs?: number }): Promise<void> {
    let isDone = false
    void gossip.stop(options).then(() => (isDone = true))
    while (!isDone) await this.pass(50)
  }

  /** Returns a function that sends any message to a node, as a peer that keeps no rule. */
  async liar(name: string): Promise<(to: string, message: Message) => void> {
    const transport = this.network.transport(name)
    const codec = binaryCodec()
    await transport.start(
      { receive: () => {}, fail: () => {}, lost: () => {} },
      { protocol: '/rumormill/1/default/binary' }
    )
    return (to, message) => {
      const options = { signal: new AbortController().signal }
      transport.send(to, codec.encode(message), options).catch(() => {})
    }
  }
}

/** The value below which the share `part` of `values` lies. */
export function quantile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? NaN
}

function countEvent(counts: Record<string, number>, event: GossipEvent): void {
  const key = 'reason' in event ? event.reason : 'error' in event ? event.error.code : event.kind
  counts[key] = (counts[key] ?? 0) + ('count' in event ? event.count : 1)
  if ('bannedMs' in event && event.bannedMs > 0) counts['banned'] = (counts['banned'] ?? 0) + 1
}
