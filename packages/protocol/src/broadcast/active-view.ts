/**
 * The neighbors with which a node shares fresh updates: peers that it chose (outbound) and peers that chose it (inbound).
 *
 * A `neighbor` message tells a peer that it was chosen, so that links work both ways: a node that few peers have chosen
 * still receives from those it chose itself. The links form a random graph, kept random by replacing one at a time (the
 * symmetric active view of HyParView, Leitao et al. 2007, without its walks: the view is a random sample already).
 */

import type { Send } from '../model/message.ts'
import type { Address } from '../model/peer.ts'
import type { Rng } from '../model/random.ts'

/** An inbound neighbor counts for this many `neighborMs`, as one message may be late. A peer that chose others sends nothing. */
const INBOUND_PERIODS = 1.5

/** How often neighbors are looked for, while there are too few and the number of known peers does not change. */
const REFILL_MS = 500

export class ActiveView {
  readonly #degree: number
  readonly #neighborMs: number
  readonly #rng: Rng
  /** When the next `neighbor` messages are due. */
  #dueMs: number
  /** When neighbors are looked for again, unless the number of known peers changes first. */
  #refillAtMs = -Infinity
  #refilledAmong = 0
  #outbound: Address[] = []
  /** Until when each inbound neighbor counts. */
  readonly #inbound = new Map<Address, number>()

  constructor(degree: number, neighborMs: number, rng: Rng, nowMs: number) {
    this.#degree = degree
    this.#neighborMs = neighborMs
    this.#rng = rng
    this.#dueMs = nowMs + rng.fraction() * neighborMs
  }

  /** When {@link tick} has something to do. */
  get dueMs(): number {
    return this.#dueMs
  }

  /** Replaces one neighbor when that is due, and returns the `neighbor` messages to all. */
  tick(nowMs: number): Send[] {
    if (nowMs < this.#dueMs) return []
    this.#dueMs = nowMs + this.#neighborMs
    this.#rotate()
    return this.#outbound.map(neighborMessage)
  }

  /** Chooses neighbors while there are too few. `peers` is the number of peers that `choose` can choose from. */
  refill(nowMs: number, peers: number, choose: (count: number) => readonly Address[]): Send[] {
    const isFull = Math.min(this.#degree, peers) <= this.#outbound.length
    if (isFull || (peers === this.#refilledAmong && nowMs < this.#refillAtMs)) return []
    this.#refillAtMs = nowMs + REFILL_MS
    this.#refilledAmong = peers
    return this.#addOutbound(choose(this.#degree)).map(neighborMessage)
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

  /** `peer` has chosen this node, or still does. When there are twice the degree, newcomers wait until one expires. */
  addInbound(nowMs: number, peer: Address): void {
    if (!this.#inbound.has(peer) && this.#inbound.size >= 2 * this.#degree) return
    this.#inbound.set(peer, nowMs + INBOUND_PERIODS * this.#neighborMs)
  }

  forget(peer: Address): void {
    this.#outbound = this.#outbound.filter((each) => each !== peer)
    this.#inbound.delete(peer)
  }

  /** Chooses from `candidates` until the degree is reached. Returns the new neighbors. */
  #addOutbound(candidates: readonly Address[]): Address[] {
    const added = candidates
      .filter((peer) => !this.#outbound.includes(peer))
      .slice(0, this.#degree - this.#outbound.length)
    this.#outbound.push(...added)
    return added
  }

  /** Removes a random outbound neighbor, if there are as many as the degree. */
  #rotate(): void {
    if (this.#outbound.length === this.#degree)
      this.#outbound.splice(this.#rng.below(this.#outbound.length), 1)
  }
}

function neighborMessage(to: Address): Send {
  return { kind: 'send', to, message: { kind: 'neighbor' } }
}
