/** The last rounds of a node that stops: they come at once, and concern only what no peer is known to have. */

import type { Send } from '../message.ts'
import type { Address } from '../peer.ts'
import { packKeys, type DigestKey } from '../update.ts'
import type { Rounds } from './rounds.ts'
import type { Unacknowledged } from './unacknowledged.ts'

/** From one round to the next, first and at most; it doubles. Guesses: some round trips of a LAN, and of a WAN. */
const FIRST_INTERVAL_MS = 50
const MAX_INTERVAL_MS = 400

export class Leaving {
  readonly #rounds: Rounds
  readonly #unacknowledged: Unacknowledged
  /** How many digests a peer is told at once: what it may ask of one peer. */
  readonly #batch: number
  #turns = 0
  #intervalMs = FIRST_INTERVAL_MS / 2
  #dueMs = Infinity
  /** The next round comes at once when so few have had no answer: then peers have fetched what they were told. */
  #nextAtUnanswered = -1

  constructor(rounds: Rounds, unacknowledged: Unacknowledged, batch: number) {
    this.#rounds = rounds
    this.#unacknowledged = unacknowledged
    this.#batch = batch
  }

  /** The first round is due. */
  begin(nowMs: number): void {
    this.#dueMs = nowMs
    this.#rounds.leave()
  }

  get dueMs(): number {
    const { count, unanswered } = this.#unacknowledged
    if (count === 0 || this.#dueMs === Infinity) return Infinity
    return unanswered <= this.#nextAtUnanswered ? -Infinity : this.#dueMs
  }

  /** A round, when due, with all of `choosePeers`: announces part of what is left, and asks which of it they have. */
  tick(nowMs: number, choosePeers: () => readonly Address[]): Send[] {
    if (nowMs < this.dueMs) return []
    const peers = [...new Set(choosePeers())]
    if (nowMs >= this.#dueMs && peers.length > 0)
      this.#intervalMs = Math.min(MAX_INTERVAL_MS, 2 * this.#intervalMs)
    this.#dueMs = nowMs + this.#intervalMs
    this.#nextAtUnanswered = peers.length === 0 ? -1 : this.#next(peers.length * this.#batch)
    const keys = this.#unacknowledged.toAnnounce()
    const turn = this.#turns++
    return peers.flatMap((to, index): Send[] => [
      // What was submitted in this very turn is on its way already.
      ...(turn === 0 ? [] : [ihave(to, this.#part(keys, turn + index))]),
      ...this.#rounds.confirm(nowMs, to, this.#unacknowledged)
    ])
  }

  /** When `announced` digests at most are told, a round follows once all have an answer, or half of those told do. */
  #next(announced: number): number {
    const { unanswered } = this.#unacknowledged
    if (unanswered === 0) return -1
    return announced < unanswered ? unanswered - Math.ceil(announced / 2) : 0
  }

  /** A batch of the keys, another for each `turn`: so a peer that fetches nothing does not keep a batch from the others. */
  #part(keys: readonly DigestKey[], turn: number): readonly DigestKey[] {
    const batches = Math.ceil(keys.length / this.#batch)
    const start = (turn % batches) * this.#batch
    return keys.slice(start, start + this.#batch)
  }
}

function ihave(to: Address, keys: readonly DigestKey[]): Send {
  return { kind: 'send', to, message: { kind: 'ihave', digests: packKeys(keys) } }
}
