/**
 * Engines driven as the papers' simulators drive their nodes: in cycles, without time in between.
 *
 * In a cycle each live node opens one exchange, in random order, and the exchange is atomic: request, reply, merge.
 * Rounds of dissemination are synchronous: what a node learns in a cycle it tells in the next. Nothing is lost, and
 * nodes know who is alive, as the papers assume (Jelasity et al. 2007, sections 2.2 and 4).
 */
import { blake3Digest, pick, shuffle, type Address, type Digest, type DisseminationConfig, type Message, type Rng } from '@rumormill/protocol'
import { Engine, type Effect, type EngineOptions, type SamplingConfig, type Send } from '@rumormill/protocol/engine'
import { createDice } from '../dice.ts'
import type { Overlay } from '../metrics/overlay.ts'

const PERIOD_MS = 1000

/** So long that no round of dissemination ever comes. */
const NEVER_MS = 1e15

/** What the papers' nodes have; `viewSize` and the rest of the design space are the experiment's. */
const IDEAL: Omit<SamplingConfig, 'push' | 'pull' | 'selection' | 'viewSize' | 'healing' | 'swapping' | 'exchangeSize'> = {
  periodMs: PERIOD_MS, jitter: 0, maxFailedSends: Infinity, maxPastPeers: 0, pastPeerMs: 0
}

const SILENT: DisseminationConfig = {
  push: true, pull: true, periodMs: NEVER_MS, jitter: 0, fanout: 1, expiration: { mode: 'none' },
  maxContentBytes: 1024, maxActiveUpdates: 1000, maxActiveBytes: 1024 * 1000, maxRememberedDigests: 1,
  maxDigestsPerMessage: 1000, maxBatchBytes: 1024 * 1024, requestTimeoutMs: 10 * PERIOD_MS, maxRequests: 1000,
  maxRequestsPerPeer: 1000
}

/** The point of the papers' design space at which a group runs. */
export type CycleSampling = Omit<SamplingConfig, keyof typeof IDEAL>

export type CreateEngine = (options: EngineOptions) => Engine

export interface CycleGroupOptions {
  readonly sampling: CycleSampling
  readonly seed: number
  /** Directions of dissemination, one round per cycle. Default: none, only views are exchanged. */
  readonly spreading?: { readonly push: boolean; readonly pull: boolean }
  /** No exchanges of views: each cycle every node is told of one uniform random other. Wants views of one entry. */
  readonly oracle?: boolean
  /** Makes the node that is driven. Default: the production engine. */
  readonly createEngine?: CreateEngine
}

export class CycleGroup {
  /** Cycles that have passed. */
  cycles = 0
  readonly rng: Rng
  /** The order of a run is fixed, so that shared dice fall alike each time; a hundred thousand dice would cost memory. */
  readonly #sharedDice: Rng
  readonly #options: CycleGroupOptions
  readonly #sampling: SamplingConfig
  readonly #engines: Engine[] = []
  readonly #addresses: string[] = []
  readonly #alive: boolean[] = []
  /** How many nodes have each update that was submitted. */
  readonly #reached = new Map<Digest, number>()
  #liveNodes = 0
  /** Messages of the wave that is under way. */
  #wave: { from: number; send: Send }[] = []

  constructor(options: CycleGroupOptions) {
    this.rng = createDice(options.seed)
    this.#sharedDice = { ...this.rng, fork: () => this.#sharedDice }
    this.#options = options
    const isAlive = (address: string): boolean => this.#alive[numberOf(address)]!
    const periodMs = options.oracle === true ? NEVER_MS : PERIOD_MS
    const sampling = { ...IDEAL, ...options.sampling, periodMs, mayAsk: isAlive }
    this.#sampling = sampling
  }

  /** Nodes that were ever added. */
  get size(): number {
    return this.#engines.length
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
    const node = this.#engines.length
    const address = addressOf(node)
    const { spreading, createEngine = (options) => new Engine(options) } = this.#options
    const dissemination = spreading === undefined ? SILENT : { ...SILENT, ...spreading, periodMs: PERIOD_MS }
    this.#engines.push(
      createEngine({
        self: address, sampling: this.#sampling, dissemination, digest: blake3Digest, rng: this.#sharedDice, nowMs: this.#nowMs
      })
    )
    this.#addresses.push(address)
    this.#alive.push(true)
    this.#liveNodes++
    return node
  }

  /** Tells `node` of others, as somebody who vouches for none of them. */
  introduce(node: number, others: readonly number[]): void {
    const view = others.map((other) => ({ address: this.#addresses[other]!, age: 1 }))
    this.#engines[node]!.receive(this.#nowMs, 'introduction', { kind: 'view-request', view })
  }

  kill(node: number): void {
    if (!this.#alive[node]) return
    this.#alive[node] = false
    this.#liveNodes--
  }

  submit(node: number, content: Uint8Array): Digest {
    const { digest } = this.#engines[node]!.submit(this.#nowMs, content)
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
      for (const effect of this.#engines[node]!.tick(this.#nowMs)) this.#perform(node, effect)
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
    const targets = new Int32Array(live.length * this.#sampling.viewSize)
    let length = 0
    let links = 0
    live.forEach((node, number) => {
      for (const { address } of this.#engines[node]!.peers()) {
        links++
        const target = numbers[numberOf(address)]!
        if (target >= 0) targets[length++] = target
      }
      starts[number + 1] = length
    })
    return { overlay: { size: live.length, starts, targets: targets.subarray(0, length) }, deadLinks: links - length, links }
  }

  /** The dead entries of each live node's view. */
  deadLinksByNode(): number[] {
    return this.live().map((node) =>
      this.#engines[node]!.peers().reduce((sum, { address }) => sum + (this.#alive[numberOf(address)]! ? 0 : 1), 0)
    )
  }

  get #nowMs(): number {
    return this.cycles * PERIOD_MS
  }

  #perform(node: number, effect: Effect): void {
    if (effect.kind === 'deliver') this.#reached.set(effect.update.digest, this.reached(effect.update.digest) + 1)
    if (effect.kind !== 'send') return
    if (isOfViews(effect.message)) this.#deliver(node, effect)
    else this.#wave.push({ from: node, send: effect })
  }

  #deliver(from: number, send: Send): void {
    const to = numberOf(send.to)
    // The papers' dead do not answer.
    if (!this.#alive[to]) return
    this.#engines[from]!.sent(this.#nowMs, send)
    for (const effect of this.#engines[to]!.receive(this.#nowMs, this.#addresses[from]!, send.message)) {
      this.#perform(to, effect)
    }
  }
}

function another(node: number, nodes: readonly number[], rng: Rng): number {
  let other = node
  while (other === node) other = pick(nodes, rng)!
  return other
}

/** Clear of control characters and of surrogates. */
const FIRST_CHARACTER = 0x100
const CHARACTERS = 0x4000

/**
 * An address that spells its number in two characters, so that nothing need be looked up. As a key it becomes the one
 * copy that the JavaScript engine keeps of a text: comparing two of these is comparing two pointers.
 */
function addressOf(node: number): Address {
  const text = String.fromCharCode(FIRST_CHARACTER + (node % CHARACTERS), FIRST_CHARACTER + Math.floor(node / CHARACTERS))
  return Object.keys({ [text]: 0 })[0]!
}

function numberOf(address: Address): number {
  return address.charCodeAt(0) - FIRST_CHARACTER + CHARACTERS * (address.charCodeAt(1) - FIRST_CHARACTER)
}

function isOfViews({ kind }: Message): boolean {
  return kind === 'view-request' || kind === 'view-response'
}
