/** The network between simulated nodes, which decides whether and when a message arrives. Nodes are numbers here. */

import type { Rng } from '@rumormill/protocol/plugin'

/** How long a message takes. */
export type Latency =
  /** A fixed number of milliseconds. */
  | number
  /** Uniformly distributed between the two, so that messages overtake one another. */
  | { readonly leastMs: number; readonly mostMs: number }
  /** `leastMs` plus an exponentially distributed rest: mostly fast, sometimes very slow. */
  | { readonly leastMs: number; readonly meanMs: number }
  /** A function of the two nodes. Use only `rng` for randomness, so that the seed determines the run. */
  | ((from: number, to: number, rng: Rng) => number)

export interface NetworkOptions {
  /** The latency. Default 10 to 50 ms. */
  readonly latency?: Latency
  /** The share of messages that are lost silently. Default 0. */
  readonly lossRate?: number
  /** The share of messages that arrive twice. Default 0. */
  readonly duplicateRate?: number
  /** The share of messages that are delayed by up to `reorderMs`, so that later ones overtake them. Default 0. */
  readonly reorderRate?: number
  /** The longest delay by reordering, in milliseconds. Default 1000. */
  readonly reorderMs?: number
  /** The bandwidth of a node's outgoing line; messages queue for it. Default: no limit. */
  readonly bytesPerSecond?: number
  /**
   * The milliseconds after which a send to a dead node, or across a partition, fails. Infinity: never, as over UDP. Default
   * 1000.
   */
  readonly noticeMs?: number
}

const DEFAULTS: Required<NetworkOptions> = {
  latency: { leastMs: 10, mostMs: 50 },
  lossRate: 0,
  duplicateRate: 0,
  reorderRate: 0,
  reorderMs: 1000,
  bytesPerSecond: Infinity,
  noticeMs: 1000
}

export class Network {
  readonly options: Required<NetworkOptions>
  readonly #rng: Rng
  /** Until when the outgoing line of each node is busy. */
  readonly #busyUntilMs = new Map<number, number>()
  readonly #cuts: ((from: number, to: number) => boolean)[] = []

  constructor(options: NetworkOptions, rng: Rng) {
    this.options = { ...DEFAULTS, ...options }
    this.#rng = rng
  }

  /** Cuts the network into groups; a node in no group reaches no other. Adds to earlier partitions. */
  partition(groups: readonly (readonly number[])[]): void {
    const groupOf = new Map(
      groups.flatMap((group, index) => group.map((node) => [node, index] as const))
    )
    this.#cuts.push(
      (from, to) => groupOf.get(from) === undefined || groupOf.get(from) !== groupOf.get(to)
    )
  }

  /** Drops all messages from a node of `from` to a node of `to`; the other direction stays open. */
  cut(from: readonly number[], to: readonly number[]): void {
    const [senders, receivers] = [new Set(from), new Set(to)]
    this.#cuts.push((sender, receiver) => senders.has(sender) && receivers.has(receiver))
  }

  /** Ends all partitions and cuts. */
  heal(): void {
    this.#cuts.length = 0
  }

  isOpen(from: number, to: number): boolean {
    return this.#cuts.every((isCut) => !isCut(from, to))
  }

  /** Returns when the copies of a message arrive; none if it is lost. The line of `from` is busy in either case. */
  arrivals(nowMs: number, from: number, to: number, bytes: number): number[] {
    const departsMs = this.#departure(nowMs, from, bytes)
    if (this.#happens(this.options.lossRate)) return []
    const copies = this.#happens(this.options.duplicateRate) ? 2 : 1
    return Array.from({ length: copies }, () => departsMs + this.#delayMs(from, to))
  }

  #departure(nowMs: number, from: number, bytes: number): number {
    const { bytesPerSecond } = this.options
    if (bytesPerSecond === Infinity) return nowMs
    const departsMs =
      Math.max(nowMs, this.#busyUntilMs.get(from) ?? 0) + (1000 * bytes) / bytesPerSecond
    this.#busyUntilMs.set(from, departsMs)
    return departsMs
  }

  #delayMs(from: number, to: number): number {
    const { latency, reorderRate, reorderMs } = this.options
    const heldMs = this.#happens(reorderRate) ? this.#rng.fraction() * reorderMs : 0
    if (typeof latency === 'number') return heldMs + latency
    if (typeof latency === 'function') return heldMs + latency(from, to, this.#rng)
    const { leastMs } = latency
    if ('mostMs' in latency)
      return heldMs + leastMs + this.#rng.fraction() * (latency.mostMs - leastMs)
    return heldMs + leastMs - Math.log(1 - this.#rng.fraction()) * (latency.meanMs - leastMs)
  }

  /** Draws from the rng only if the rate is above 0, so that a disabled fault does not change the run. */
  #happens(rate: number): boolean {
    return rate > 0 && this.#rng.fraction() < rate
  }
}
