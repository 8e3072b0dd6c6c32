/**
 * The neighbors with which a node shares fresh updates: peers that it chose (outbound) and peers that chose it (inbound).
 *
 * A `neighbor` message tells a peer that it was chosen, so that links work both ways: a node that few peers have chosen
 * still receives from those it chose itself. The links form a random graph, kept random by replacing one at a time (the
 * symmetric active view of HyParView, Leitao et al. 2007, without its walks: the view is a random sample already).
 */

import type { Address } from '../model/peer.ts'
import type { Rng } from '../model/random.ts'

/** An inbound neighbor counts for this many `neighborMs`, as one message may be late. A peer that chose others sends nothing. */
const INBOUND_PERIODS = 1.5

export class ActiveView {
  readonly #degree: number
  readonly #neighborMs: number
  readonly #rng: Rng
  #outbound: Address[] = []
  /** Until when each inbound neighbor counts. */
  readonly #inbound = new Map<Address, number>()

  constructor(degree: number, neighborMs: number, rng: Rng) {
    this.#degree = degree
    this.#neighborMs = neighborMs
    this.#rng = rng
  }

  /** Returns all neighbors, each once. */
  all(nowMs: number): Address[] {
    for (const [peer, untilMs] of this.#inbound) if (untilMs <= nowMs) this.#inbound.delete(peer)
    return [...new Set([...this.#outbound, ...this.#inbound.keys()])]
  }

  /** True if there are no neighbors, counting inbound ones that may have expired. */
  get isEmpty(): boolean {
    return this.#outbound.length === 0 && this.#inbound.size === 0
  }

  get outbound(): readonly Address[] {
    return this.#outbound
  }

  /** Returns how many more outbound neighbors can be chosen out of `peers`. */
  missing(peers: number): number {
    return Math.min(this.#degree, peers) - this.#outbound.length
  }

  /** Chooses from `candidates` until the degree is reached. Returns the new neighbors. */
  addOutbound(candidates: readonly Address[]): Address[] {
    const added = candidates
      .filter((peer) => !this.#outbound.includes(peer))
      .slice(0, this.#degree - this.#outbound.length)
    this.#outbound.push(...added)
    return added
  }

  /** Removes a random outbound neighbor, if there are as many as the degree. */
  rotate(): void {
    if (this.#outbound.length === this.#degree)
      this.#outbound.splice(this.#rng.below(this.#outbound.length), 1)
  }

  /** `peer` has chosen this node, or still does. When there are twice the degree, newcomers wait until one expires. */
  addInbound(nowMs: number, peer: Address): void {
    if (!this.#inbound.has(peer) && this.#inbound.size >= 2 * this.#degree) return
    this.#inbound.set(peer, nowMs + INBOUND_PERIODS * this.#neighborMs)
  }

  forget(peer: Address): void {
    this.#outbound = this.#outbound.filter((each) => each !== peer)
    this.#inbound.delete(peer)
  }
}
