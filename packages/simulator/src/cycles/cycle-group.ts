/**
 * State machines driven as the papers' simulators drive their nodes: in cycles, without time in between.
 *
 * In a cycle each live node opens one exchange, in random order, and the exchange is atomic: request, reply, merge.
 * Rounds of dissemination are synchronous: what a node learns in a cycle it tells in the next. Nothing is lost, and
 * nodes know who is alive, as the papers assume (Jelasity et al. 2007, sections 2.2 and 4).
 */

import {
  blake3Hash,
  pick,
  shuffle,
  type Address,
  type Digest,
  type AntiEntropyConfig,
  type FetchConfig,
  type StoreConfig,
  type Message,
  type Peer,
  type Rng
} from '@rumormill/protocol'
import * as production from '@rumormill/protocol/engine'
import type {
  Effect,
  Engine,
  PeerSampler,
  MembershipConfig,
  Send,
  SimulatedMembership
} from '@rumormill/protocol/engine'
import type { Overlay } from '../metrics/overlay.ts'
import { rngFor } from '../seeded-rng.ts'

const PERIOD_MS = 1000

/** So long that no exchange of views ever comes. */
const NEVER_MS = 1e15

/** What the papers' nodes have; `viewSize` and the rest of the design space are the experiment's. */
const IDEAL_SAMPLING: Omit<
  MembershipConfig,
  'push' | 'pull' | 'selection' | 'viewSize' | 'healing' | 'swapping' | 'exchangeSize'
> = {
  periodMs: PERIOD_MS,
  jitter: 0,
  maxFailedSends: Infinity,
  maxPastPeers: 0,
  hardened: false
}

const IDEAL_STORE: StoreConfig = {
  expiration: { mode: 'none' },
  maxUpdates: 1000,
  maxBytes: 1024 * 1000,
  maxContentBytes: 1024,
  maxSeenDigests: 1
}

const IDEAL_FETCH: FetchConfig = {
  maxBatchBytes: 1024 * 1024,
  requestTimeoutMs: 10 * PERIOD_MS,
  maxRequests: 1000,
  maxRequestsPerPeer: 1000
}

const IDEAL_ANTI_ENTROPY: Omit<AntiEntropyConfig, 'push' | 'pull'> = {
  periodMs: PERIOD_MS,
  jitter: 0,
  reconciliation: 'list',
  shortIdBytes: 8,
  fanout: 1,
  maxDigestsPerMessage: 1000
}

/** The point of the papers' design space at which a group runs. */
export type CycleMembership = Omit<MembershipConfig, keyof typeof IDEAL_SAMPLING> &
  Partial<Pick<MembershipConfig, 'hardened'>>

/** The state machines that are driven. */
export type Core = Pick<typeof production, 'Engine' | 'PeerSampler'>

/** What both have in common, and what an attacker that takes the place of a node must have. */
export interface CycleNode {
  tick(nowMs: number): Effect[]
  receive(nowMs: number, from: Address, message: Message): Effect[]
  peers(): Peer[]
}

export interface CycleGroupOptions {
  readonly membership: CycleMembership
  readonly seed: number
  /** Directions of dissemination, one round per cycle. Default: none; of the engine only the peer sampler runs. */
  readonly spreading?: { readonly push: boolean; readonly pull: boolean }
  /** No exchanges of views: each cycle every node is told of one uniform random other. Wants views of one entry. */
  readonly oracle?: boolean
  /** No exchanges of views: they stay as they are. */
  readonly still?: boolean
  /** Default: what runs in production. */
  readonly core?: Core
  /** Told of every message that reaches a live node. */
  readonly watch?: (from: number, to: number, message: Message) => void
}

export class CycleGroup {
  /** Cycles that have passed. */
  cycles = 0
  readonly rng: Rng
  /** The order of a run is fixed, so that a shared rng gives the same each time; a hundred thousand of them would cost memory. */
  readonly #sharedRng: Rng
  readonly #options: CycleGroupOptions
  readonly #membership: SimulatedMembership
  readonly #nodes: CycleNode[] = []
  readonly #alive: boolean[] = []
  /** How many nodes have each update that was submitted. */
  readonly #reached = new Map<Digest, number>()
  #liveNodes = 0
  /** Messages of the wave that is under way. */
  #wave: { from: number; send: Send }[] = []

  constructor(options: CycleGroupOptions) {
    this.rng = rngFor(options.seed)
    this.#sharedRng = { ...this.rng, fork: () => this.#sharedRng }
    this.#options = options
    const isAlive = (address: string): boolean => this.#alive[numberOf(address)]!
    const periodMs = options.oracle === true || options.still === true ? NEVER_MS : PERIOD_MS
    this.#membership = {
      ...IDEAL_SAMPLING,
      ...options.membership,
      periodMs,
      mayAsk: isAlive,
      hashOf: hashOfNumber
    }
  }

  /** Nodes that were ever added. */
  get size(): number {
    return this.#nodes.length
  }

  get liveNodes(): number {
    return this.#liveNodes
  }

  isAlive(node: number): boolean {
    return this.#alive[node]!
  }

  /** How many nodes, dead ones included, have the update, counting the one that submitted it. */
  reached(digest: Digest): number {
    return this.#reached.get(digest) ?? 0
  }

  /** A new node, which knows nobody; returns its number. */
  add(): number {
    const node = this.#nodes.length
    const { spreading, core = production } = this.#options
    const [self, membership, rng, nowMs] = [
      addressOf(node),
      this.#membership,
      this.#sharedRng,
      this.#nowMs
    ]
    this.#nodes.push(
      spreading === undefined
        ? new core.PeerSampler(self, membership, rng, nowMs)
        : new core.Engine({
            self,
            membership,
            store: IDEAL_STORE,
            fetch: IDEAL_FETCH,
            antiEntropy: { ...IDEAL_ANTI_ENTROPY, ...spreading },
            hash: blake3Hash,
            rng,
            nowMs
          })
    )
    this.#alive.push(true)
    this.#liveNodes++
    return node
  }

  /** Tells `node` of others, as somebody who vouches for none of them. */
  introduce(node: number, others: readonly number[]): void {
    const view = others.map((other) => ({ address: addressOf(other), age: 1 }))
    this.#nodes[node]!.receive(this.#nowMs, NOBODY, { kind: 'view-request', view })
  }

  kill(node: number): void {
    if (!this.#alive[node]) return
    this.#alive[node] = false
    this.#liveNodes--
  }

  /** From now on `other` speaks in the place of `node`. */
  replace(node: number, other: CycleNode): void {
    this.#nodes[node] = other
  }

  submit(node: number, content: Uint8Array): Digest {
    const { digest } = this.#spreader(node).submit(this.#nowMs, content)
    this.#reached.set(digest, 1)
    return digest
  }

  /** Lets one cycle pass. */
  cycle(): void {
    this.cycles++
    const order = this.live()
    shuffle(order, this.rng)
    for (const node of order) {
      if (this.#options.oracle === true) this.introduce(node, [another(node, order, this.rng)])
      for (const effect of this.#nodes[node]!.tick(this.#nowMs)) this.#perform(node, effect)
    }
    while (this.#wave.length > 0) {
      const wave = this.#wave
      this.#wave = []
      for (const { from, send } of wave) this.#deliver(from, send)
    }
  }

  /** The numbers of the live nodes. */
  live(): number[] {
    const nodes: number[] = []
    for (let node = 0; node < this.#alive.length; node++) if (this.#alive[node]) nodes.push(node)
    return nodes
  }

  /** Who knows whom among the live nodes, numbered anew in order; and how many entries of their views are dead. */
  overlay(): { overlay: Overlay; deadLinks: number; links: number } {
    const live = this.live()
    const numbers = new Int32Array(this.size).fill(-1)
    live.forEach((node, number) => (numbers[node] = number))
    const starts = new Int32Array(live.length + 1)
    const targets = new Int32Array(live.length * this.#membership.viewSize)
    let length = 0
    let links = 0
    live.forEach((node, number) => {
      for (const { address } of this.#nodes[node]!.peers()) {
        links++
        const target = numbers[numberOf(address)]!
        if (target >= 0) targets[length++] = target
      }
      starts[number + 1] = length
    })
    return {
      overlay: { size: live.length, starts, targets: targets.subarray(0, length) },
      deadLinks: links - length,
      links
    }
  }

  /** Whom a node has in its view. */
  known(node: number): number[] {
    return this.#nodes[node]!.peers().map(({ address }) => numberOf(address))
  }

  /** Whom the service names when `node` asks for a peer (getPeer, section 2.4.2); in a group that does not spread. */
  sample(node: number): number | undefined {
    const [address] = (this.#nodes[node] as PeerSampler).targets(1)
    return address === undefined ? undefined : numberOf(address)
  }

  /** The dead entries of each live node's view. */
  deadLinksByNode(): number[] {
    return this.live().map((node) =>
      this.#nodes[node]!.peers().reduce(
        (sum, { address }) => sum + (this.#alive[numberOf(address)]! ? 0 : 1),
        0
      )
    )
  }

  get #nowMs(): number {
    return this.cycles * PERIOD_MS
  }

  #perform(node: number, effect: Effect): void {
    if (effect.kind === 'deliver')
      this.#reached.set(effect.update.digest, this.reached(effect.update.digest) + 1)
    if (effect.kind !== 'send') return
    if (isOfViews(effect.message)) this.#deliver(node, effect)
    else this.#wave.push({ from: node, send: effect })
  }

  #deliver(from: number, send: Send): void {
    const to = numberOf(send.to)
    // The papers' dead do not answer.
    if (!this.#alive[to]) return
    this.#options.watch?.(from, to, send.message)
    if (!isOfViews(send.message)) this.#spreader(from).sent(this.#nowMs, send)
    for (const effect of this.#nodes[to]!.receive(this.#nowMs, addressOf(from), send.message))
      this.#perform(to, effect)
  }

  /** The whole engine of a node, in a group that spreads. */
  #spreader(node: number): Engine {
    return this.#nodes[node] as Engine
  }
}

function another(node: number, nodes: readonly number[], rng: Rng): number {
  let other = node
  while (other === node) other = pick(nodes, rng)!
  return other
}

/**
 * Engines never look into an address, so here the numbers of the nodes stand for them: they take no memory, and comparing
 * two takes one instruction.
 */
export function addressOf(node: number): Address {
  return node as unknown as Address
}

const NOBODY = addressOf(-1)

function numberOf(address: Address): number {
  return address as unknown as number
}

/** Spreads neighboring numbers over 32 bits: Knuth's multiplicative hashing. */
function hashOfNumber(address: Address): number {
  return Math.imul(numberOf(address) + 1, 0x9e3779b1)
}

function isOfViews({ kind }: Message): boolean {
  return kind === 'view-request' || kind === 'view-response'
}
