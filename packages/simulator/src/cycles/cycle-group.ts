/**
 * Runs the production state machines in cycles, as the simulators of the papers do.
 *
 * In a cycle each live node opens one exchange, in random order, and the exchange is atomic: request, reply, merge. Rounds
 * of dissemination are synchronous: a node forwards in the next cycle what it received in this one. No message is lost, and
 * failed nodes are detected at once, as the papers assume (Jelasity et al. 2007, sections 2.2 and 4).
 */

import type {
  AntiEntropyConfig,
  FetchConfig,
  MembershipConfig,
  StoreConfig
} from '@rumormill/protocol'
import {
  blake3Hash,
  digestOfKey,
  keyOfDigest,
  pick,
  shuffle,
  type DigestKey,
  type Effect,
  type Engine,
  type PeerSampler,
  type Send,
  type SimulatedMembership
} from '@rumormill/protocol/engine'
import * as production from '@rumormill/protocol/engine'
import type { Address, Digest, Message, Peer, Rng } from '@rumormill/protocol/plugin'
import type { Overlay } from '../metrics/overlay.ts'
import { rngFor } from '../seeded-rng.ts'

const PERIOD_MS = 1000

/** A period so long that no view exchange ever happens. */
const NEVER_MS = 1e15

/** The settings of the papers' nodes; the experiment sets `viewSize` and the rest of the design space. */
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

/** A point in the papers' design space. */
export type CycleMembership = Omit<MembershipConfig, keyof typeof IDEAL_SAMPLING> &
  Partial<Pick<MembershipConfig, 'hardened'>>

/** The state machines that the group runs. */
export type Core = Pick<typeof production, 'Engine' | 'PeerSampler'>

/** The common interface of both state machines, which an attacker that replaces a node must implement, too. */
export interface CycleNode {
  tick(nowMs: number): Effect[]
  receive(nowMs: number, from: Address, message: Message): Effect[]
  peers(): Peer[]
}

export interface CycleGroupOptions {
  readonly membership: CycleMembership
  readonly seed: number
  /** The directions of dissemination, one round per cycle. Default: none, and only the peer sampler runs. */
  readonly spreading?: { readonly push: boolean; readonly pull: boolean }
  /** Replaces view exchanges: each cycle, every node gets one uniformly random other. Requires views of one entry. */
  readonly oracle?: boolean
  /** Disables view exchanges, so that views do not change. */
  readonly still?: boolean
  /** The state machines. Default: those of production. */
  readonly core?: Core
  /** Is called for every message that reaches a live node. */
  readonly watch?: (from: number, to: number, message: Message) => void
}

export class CycleGroup {
  /** The number of cycles so far. */
  cycles = 0
  readonly rng: Rng
  /** One rng for all nodes: the order of a run is fixed, so runs stay reproducible, and one per node would cost memory. */
  readonly #sharedRng: Rng
  readonly #options: CycleGroupOptions
  readonly #membership: SimulatedMembership
  readonly #nodes: CycleNode[] = []
  readonly #alive: boolean[] = []
  /** How many nodes have each update that was submitted. */
  readonly #reached = new Map<DigestKey, number>()
  #liveNodes = 0
  /** The messages of the current wave. */
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

  /** The number of nodes that were ever added. */
  get size(): number {
    return this.#nodes.length
  }

  get liveNodes(): number {
    return this.#liveNodes
  }

  isAlive(node: number): boolean {
    return this.#alive[node]!
  }

  /** Returns how many nodes have the update, including dead ones and the submitter. */
  reached(digest: Digest): number {
    return this.#reached.get(keyOfDigest(digest) ?? '') ?? 0
  }

  /** Adds a node with an empty view; returns its number. */
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

  /** Adds others to the view of `node`, as an unverified peer source does. */
  introduce(node: number, others: readonly number[]): void {
    const view = others.map((other) => ({ address: addressOf(other), age: 1 }))
    this.#nodes[node]!.receive(this.#nowMs, NOBODY, { kind: 'view-request', view })
  }

  kill(node: number): void {
    if (!this.#alive[node]) return
    this.#alive[node] = false
    this.#liveNodes--
  }

  /** Replaces the state machine of `node` by `other`. */
  replace(node: number, other: CycleNode): void {
    this.#nodes[node] = other
  }

  submit(node: number, content: Uint8Array): Digest {
    const { key } = this.#spreader(node).submit(this.#nowMs, content)
    this.#reached.set(key, 1)
    return digestOfKey(key)
  }

  /** Runs one cycle. */
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

  /** Returns the numbers of the live nodes. */
  live(): number[] {
    const nodes: number[] = []
    for (let node = 0; node < this.#alive.length; node++) if (this.#alive[node]) nodes.push(node)
    return nodes
  }

  /** Returns the overlay of the live nodes, renumbered in order, and how many of their view entries are dead. */
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

  /** Returns the nodes in the view of a node. */
  viewOf(node: number): number[] {
    return this.#nodes[node]!.peers().map(({ address }) => numberOf(address))
  }

  /** Returns the peer that the service gives `node` (getPeer, section 2.4.2); only for groups without `spreading`. */
  sample(node: number): number | undefined {
    const [address] = (this.#nodes[node] as PeerSampler).targets(1)
    return address === undefined ? undefined : numberOf(address)
  }

  /** Returns the number of dead entries in each live node's view. */
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
      this.#reached.set(effect.update.key, (this.#reached.get(effect.update.key) ?? 0) + 1)
    if (effect.kind !== 'send') return
    if (isOfViews(effect.message)) this.#deliver(node, effect)
    else this.#wave.push({ from: node, send: effect })
  }

  #deliver(from: number, send: Send): void {
    const to = numberOf(send.to)
    // Dead nodes do not answer.
    if (!this.#alive[to]) return
    this.#options.watch?.(from, to, send.message)
    if (!isOfViews(send.message)) this.#spreader(from).sent(this.#nowMs, send)
    for (const effect of this.#nodes[to]!.receive(this.#nowMs, addressOf(from), send.message))
      this.#perform(to, effect)
  }

  /** Returns the engine of a node, in a group with `spreading`. */
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
 * Returns a node's number as its address. Engines never parse addresses, and numbers need no memory and compare in one
 * instruction.
 */
export function addressOf(node: number): Address {
  return node as unknown as Address
}

const NOBODY = addressOf(-1)

function numberOf(address: Address): number {
  return address as unknown as number
}

/** Hashes consecutive numbers to 32 bits by Knuth's multiplicative hashing. */
function hashOfNumber(address: Address): number {
  return Math.imul(numberOf(address) + 1, 0x9e3779b1)
}

function isOfViews({ kind }: Message): boolean {
  return kind === 'view-request' || kind === 'view-response'
}
