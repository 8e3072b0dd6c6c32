/**
 * Updates that came or were offered when this node had no room for them. Offered again, they may be taken; when nobody
 * offers them any longer, they have ended elsewhere: they are lost to this node, and that is told.
 */

import type { DigestKey } from '../update.ts'

/** Of how many that is noted. Of one beyond, the one offered longest ago counts as lost. */
const MAX_MISSED = 100_000

/** What nobody offers for so many request timeouts is lost. Rounds name it sooner, also while there is no room: a guess. */
const LOST_TIMEOUTS = 40

export class Missed {
  readonly #lostAfterMs: number
  /** When each was last offered, in that order. */
  readonly #offeredMs = new Map<DigestKey, number>()
  #evicted = 0

  constructor(requestTimeoutMs: number) {
    this.#lostAfterMs = LOST_TIMEOUTS * requestTimeoutMs
  }

  get size(): number {
    return this.#offeredMs.size
  }

  /** It was offered, and there is no room for it. */
  add(key: DigestKey, nowMs: number): void {
    this.#offeredMs.delete(key)
    this.#offeredMs.set(key, nowMs)
    if (this.size <= MAX_MISSED) return
    this.#offeredMs.delete(this.#offeredMs.keys().next().value!)
    this.#evicted++
  }

  /** Somebody offers it still, if it is missed. */
  offered(key: DigestKey, nowMs: number): void {
    if (this.size > 0 && this.#offeredMs.has(key)) this.add(key, nowMs)
  }

  /** It was taken, or told as lost. */
  delete(key: DigestKey): void {
    if (this.size > 0) this.#offeredMs.delete(key)
  }

  /** Takes those that are lost. Returns how many. */
  takeLost(nowMs: number): number {
    let lost = this.#evicted
    this.#evicted = 0
    for (const [key, offeredMs] of this.#offeredMs) {
      if (nowMs - offeredMs < this.#lostAfterMs) break
      this.#offeredMs.delete(key)
      lost++
    }
    return lost
  }
}
