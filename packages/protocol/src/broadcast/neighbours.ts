/**
 * With whom a node shares news at once: peers it chose, and peers that chose it.
 *
 * Choosing is told by an announcement of nothing, so that links count both ways: a node that few have chosen still hears
 * from all that it chose itself. The overlay of these links is a random graph, kept so by exchanging one link at a time
 * (the symmetric active view of HyParView, Leitao et al. 2007, without its walks: the view is already a random sample).
 */

import type { Address } from '../peer.ts'
import type { Rng } from '../random.ts'

/** Who greeted us is a neighbour for so many greetings: one may be late. Who has chosen others says nothing. */
const REMEMBERED_GREETINGS = 1.5

export class Neighbours {
  readonly #degree: number
  readonly #greetingMs: number
  readonly #rng: Rng
  #chosen: Address[] = []
  /** Until when those who chose us count. */
  readonly #greeters = new Map<Address, number>()

  constructor(degree: number, greetingMs: number, rng: Rng) {
    this.#degree = degree
    this.#greetingMs = greetingMs
    this.#rng = rng
  }

  /** All of them, each once. */
  all(nowMs: number): Address[] {
    for (const [peer, untilMs] of this.#greeters) if (untilMs <= nowMs) this.#greeters.delete(peer)
    return [...new Set([...this.#chosen, ...this.#greeters.keys()])]
  }

  /** Whether there is nobody, not even somebody who may have chosen others by now. */
  get isEmpty(): boolean {
    return this.#chosen.length === 0 && this.#greeters.size === 0
  }

  get chosen(): readonly Address[] {
    return this.#chosen
  }

  /** How many more may be chosen out of `known` peers. */
  wanted(known: number): number {
    return Math.min(this.#degree, known) - this.#chosen.length
  }

  /** Returns those that are new. */
  choose(candidates: readonly Address[]): Address[] {
    const news = candidates
      .filter((peer) => !this.#chosen.includes(peer))
      .slice(0, this.#degree - this.#chosen.length)
    this.#chosen.push(...news)
    return news
  }

  /** Gives up one that was chosen, if there is nobody better to give up. */
  release(): void {
    if (this.#chosen.length === this.#degree)
      this.#chosen.splice(this.#rng.below(this.#chosen.length), 1)
  }

  /** `peer` has chosen us, or still does. With as many as may, newcomers wait until one is silent. */
  greeted(peer: Address, nowMs: number): void {
    if (!this.#greeters.has(peer) && this.#greeters.size >= 2 * this.#degree) return
    this.#greeters.set(peer, nowMs + REMEMBERED_GREETINGS * this.#greetingMs)
  }

  forget(peer: Address): void {
    this.#chosen = this.#chosen.filter((each) => each !== peer)
    this.#greeters.delete(peer)
  }
}
