/** Implements Maelstrom's broadcast workload with one rumormill node: each value is an update. */

import { binaryCodec } from '@rumormill/codec-binary'
import { createGossip, staticPeers, type Clock, type GossipService } from '@rumormill/protocol'
import { toGossipError, type Rng } from '@rumormill/protocol/plugin'
import type { Body, Envelope } from './envelope.ts'
import { MaelstromTransport } from './maelstrom-transport.ts'
import { PROFILE, type Profile } from './profile.ts'

/** Error codes of Maelstrom. Both mean that the operation definitely did not happen. */
const NOT_SUPPORTED = 10
const TEMPORARILY_UNAVAILABLE = 11

/** The times to wait for neighbors. A node that has chosen its own is chosen by others after a few network delays. */
const NEIGHBORS_MS = { step: 50, settle: 300, most: 2000 }

export interface BroadcastNodeOptions {
  readonly write: (envelope: Envelope) => void
  readonly clock: Clock
  readonly rng: Rng
  readonly profile?: Profile
  /** Is called at once for each value from another node. */
  readonly delivered?: (value: unknown) => void
}

interface Running {
  readonly id: string
  readonly gossip: GossipService
  readonly transport: MaelstromTransport
  /** The number of other nodes. */
  readonly others: number
}

export class BroadcastNode {
  readonly #options: BroadcastNodeOptions
  readonly #values: unknown[] = []
  #running: Running | undefined

  constructor(options: BroadcastNodeOptions) {
    this.#options = options
  }

  async receive({ src, dest, body }: Envelope): Promise<void> {
    if (body.type === 'gossip') return this.#running?.transport.arrive(src, body)
    const reply = await this.#answer(body)
    const inReplyTo = body.msg_id === undefined ? {} : { in_reply_to: body.msg_id }
    this.#options.write({
      src: this.#running?.id ?? dest,
      dest: src,
      body: { ...reply, ...inReplyTo }
    })
  }

  async stop(): Promise<void> {
    await this.#running?.gossip.stop()
  }

  async #answer(body: Body): Promise<Body> {
    if (body.type === 'init') return this.#init(body)
    if (body.type === 'topology') return this.#linked()
    if (body.type === 'broadcast') return this.#broadcast(body['message'])
    if (body.type === 'read') return { type: 'read_ok', messages: [...this.#values] }
    return { type: 'error', code: NOT_SUPPORTED, text: `no request of type ${body.type}` }
  }

  async #init(body: Body): Promise<Body> {
    const { write, clock, rng, profile = PROFILE } = this.#options
    const id = String(body['node_id'])
    const nodes = (body['node_ids'] as unknown[]).map(String)
    const transport = new MaelstromTransport({
      self: id,
      nodes,
      clock,
      paceMs: profile.paceMs,
      write: (dest, gossip) => write({ src: id, dest, body: gossip })
    })
    const gossip = createGossip({
      transport,
      clock,
      rng,
      codec: binaryCodec(),
      peerSource: staticPeers(nodes),
      preset: 'wan',
      handler: {
        onUpdate: ({ content }) => this.#deliver(JSON.parse(Buffer.from(content).toString()))
      },
      membership: profile.membership,
      store: profile.store,
      antiEntropy: profile.antiEntropy,
      broadcast: profile.broadcast
    })
    // Other nodes may send messages before the start has resolved.
    this.#running = { id, gossip, transport, others: nodes.length - 1 }
    await gossip.start()
    return { type: 'init_ok' }
  }

  /** Answers once there are neighbors: the nodes choose the topology themselves, and the load waits for it. */
  async #linked(): Promise<Body> {
    const { clock, profile = PROFILE } = this.#options
    const { gossip, others } = this.#running!
    const wait = (ms: number): Promise<void> =>
      new Promise((resolve) => void clock.wakeAt(clock.now() + ms, resolve))
    const untilMs = clock.now() + NEIGHBORS_MS.most
    const needed = Math.min(profile.broadcast.degree ?? 1, others)
    while (gossip.stats().neighbors < needed && clock.now() < untilMs) await wait(NEIGHBORS_MS.step)
    await wait(NEIGHBORS_MS.settle)
    return { type: 'topology_ok' }
  }

  #broadcast(value: unknown): Body {
    try {
      const submission = this.#running!.gossip.submit(Buffer.from(JSON.stringify(value)))
      if (submission.status === 'accepted') this.#values.push(value)
      return { type: 'broadcast_ok' }
    } catch (error) {
      const text = toGossipError(error, 'NOT_RUNNING', 'init has not arrived yet').message
      return { type: 'error', code: TEMPORARILY_UNAVAILABLE, text }
    }
  }

  #deliver(value: unknown): void {
    this.#values.push(value)
    this.#options.delivered?.(value)
  }
}
