/** Runs the last rounds of a node that stops. They start at once, and cover only updates that no peer is known to have. */

import type { Send } from '../model/message.ts'
import type { Address } from '../model/peer.ts'
import { packKeys, type DigestKey } from '../model/update.ts'
import type { Unacknowledged } from '../store/unacknowledged.ts'
import type { Rounds } from './rounds.ts'

/** The first and the longest interval between rounds; it doubles. Guesses: some round trips of a LAN, and of a WAN. */
const FIRST_INTERVAL_MS = 50
const MAX_INTERVAL_MS = 400

export class Leaving {
  readonly #rounds: Rounds
  readonly #unacknowledged: Unacknowledged
  /** How many digests are announced to a peer at once: as many as it may request from one peer. */
  readonly #batch: number
  #turns = 0
  #intervalMs = FIRST_INTERVAL_MS / 2
  #dueMs = Infinity
  /** The next round starts at once when the number of unanswered updates falls to this: peers have fetched what was announced. */
  #nextAtUnanswered = -1

  constructor(rounds: Rounds, unacknowledged: Unacknowledged, batch: number) {
    this.#rounds = rounds
    this.#unacknowledged = unacknowledged
    this.#batch = batch
  }

  /** Starts: the first round is due now. */
  begin(nowMs: number): void {
    this.#dueMs = nowMs
    this.#rounds.leave()
  }

  get dueMs(): number {
    const { count, unanswered } = this.#unacknowledged
    if (count === 0 || this.#dueMs === Infinity) return Infinity
    return unanswered <= this.#nextAtUnanswered ? -Infinity : this.#dueMs
  }

  /**
   * Runs a round, when due, with all of `choosePeers`: announces a part of the remaining updates to each, and asks which of
   * all of them it has.
   */
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
      // In the first round, updates that were submitted just before are already on their way.
      ...(turn === 0 ? [] : [ihave(to, this.#part(keys, turn + index))]),
      ...this.#rounds.confirm(nowMs, to, this.#unacknowledged)
    ])
  }

  /**
   * Returns the number of unanswered updates at which the next round starts, after at most `announced` digests were sent: none
   * left or, when these do not cover all updates, half of the announced ones answered.
   */
  #next(announced: number): number {
    const { unanswered } = this.#unacknowledged
    if (unanswered === 0) return -1
    return announced < unanswered ? unanswered - Math.ceil(announced / 2) : 0
  }

  /** Returns the batch of `turn`. Batches rotate among peers, so that no batch goes only to a peer that fetches nothing. */
  #part(keys: readonly DigestKey[], turn: number): readonly DigestKey[] {
    const batches = Math.ceil(keys.length / this.#batch)
    const start = (turn % batches) * this.#batch
    return keys.slice(start, start + this.#batch)
  }
}

function ihave(to: Address, keys: readonly DigestKey[]): Send {
  return { kind: 'send', to, message: { kind: 'ihave', digests: packKeys(keys) } }
}
