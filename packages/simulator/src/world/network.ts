/** The network between simulated nodes, which decides whether and when a message arrives. Nodes are numbers here. */

import type { Rng } from '@rumormill/protocol/plugin'

/** How late a message arrives, in milliseconds. */
export type DelayMs =
  /** The same for every message. */
  | number
  /** Uniformly distributed between the two, so that messages overtake one another. */
  | { readonly least: number; readonly most: number }
  /** `least` plus an exponentially distributed rest: mostly fast, sometimes very slow. */
  | { readonly least: number; readonly mean: number }
  /** A function of the two nodes. Use only `rng` for randomness, so that the seed determines the run. */
  | ((from: number, to: number, rng: Rng) => number)

/** The faults have the names of those in `@rumormill/testkit`. Shares are from 0 to 1 of all messages. */
export interface NetworkOptions {
  /** The share of messages that are lost silently. Default 0. */
  readonly loss?: number
  /** The delay of messages. Default 10 to 50 ms. */
  readonly delayMs?: DelayMs
  /** The share of messages that arrive twice. Default 0. */
  readonly duplicate?: number
  /** The share of messages that are delayed by up to `reorderMs` more, so that later ones overtake them. Default 0. */
  readonly reorder?: number
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
  loss: 0,
  delayMs: { least: 10, most: 50 },
  duplicate: 0,
  reorder: 0,
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

  /** Splits the network: see {@link Stage.partition}. */
  partition(groups: readonly (readonly number[])[]): void {
    const copies = groups.map((group) => new Set(group))
    this.#cuts.push((from, to) => !copies.some((group) => group.has(from) && group.has(to)))
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
    if (this.#happens(this.options.loss)) return []
    const copies = this.#happens(this.options.duplicate) ? 2 : 1
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
    const { delayMs, reorder, reorderMs } = this.options
    const heldMs = this.#happens(reorder) ? this.#rng.fraction() * reorderMs : 0
    if (typeof delayMs === 'number') return heldMs + delayMs
    if (typeof delayMs === 'function') return heldMs + delayMs(from, to, this.#rng)
    const { least } = delayMs
    if ('most' in delayMs) return heldMs + least + this.#rng.fraction() * (delayMs.most - least)
    return heldMs + least - Math.log(1 - this.#rng.fraction()) * (delayMs.mean - least)
  }

  /** Draws from the rng only if the share is above 0, so that a disabled fault does not change the run. */
  #happens(share: number): boolean {
    return share > 0 && this.#rng.fraction() < share
  }
}
