/** The network between simulated nodes: what becomes of a message, and when. Nodes are numbers here. */

import type { Rng } from '@rumormill/protocol'

/** How long a message is on its way. */
export type Latency =
  /** Always so many milliseconds. */
  | number
  /** Anything between the two, each as likely; messages overtake one another. */
  | { readonly leastMs: number; readonly mostMs: number }
  /** `leastMs` and an exponentially distributed rest: mostly quick, now and then very slow. */
  | { readonly leastMs: number; readonly meanMs: number }
  /** Decided for each pair of nodes; draw from `rng` only, so that the seed decides. */
  | ((from: number, to: number, rng: Rng) => number)

export interface NetworkOptions {
  /** Default 10 to 50 ms. */
  readonly latency?: Latency
  /** The share of messages that vanish without a word. Default 0. */
  readonly lossRate?: number
  /** The share of messages that arrive twice. Default 0. */
  readonly duplicateRate?: number
  /** The share of messages that are held back, by up to `reorderMs`, so that later ones overtake them. Default 0. */
  readonly reorderRate?: number
  /** Default 1000. */
  readonly reorderMs?: number
  /** What a node can send per second; messages wait for their turn. Default: no limit. */
  readonly bytesPerSecond?: number
  /**
   * How long a sender takes to notice that nobody can be reached: a dead node, or one behind a partition. Infinity: never,
   * as over UDP. Default 1000.
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
  /** Until when each node's line is taken. */
  readonly #busyUntilMs = new Map<number, number>()
  readonly #cuts: ((from: number, to: number) => boolean)[] = []

  constructor(options: NetworkOptions, rng: Rng) {
    this.options = { ...DEFAULTS, ...options }
    this.#rng = rng
  }

  /** Only nodes of one group reach one another; nodes in no group reach nobody. Comes on top of earlier partitions. */
  partition(groups: readonly (readonly number[])[]): void {
    const groupOf = new Map(
      groups.flatMap((group, index) => group.map((node) => [node, index] as const))
    )
    this.#cuts.push(
      (from, to) => groupOf.get(from) === undefined || groupOf.get(from) !== groupOf.get(to)
    )
  }

  /** Nothing passes from one of `from` to one of `to`; the way back stays open. */
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

  /** When copies of a message sent now arrive; none when it is lost. The line of `from` is taken in either case. */
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

  /** The rng is not asked where there is no choice, so that a fault switched off leaves a run as it was. */
  #happens(rate: number): boolean {
    return rate > 0 && this.#rng.fraction() < rate
  }
}
