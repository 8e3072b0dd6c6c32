/**
 * Updates that came or were offered when this node had no room for them, or that were asked for in vain. Offered again, they
 * may be taken. When whoever offered one has shown all that it has, and that is not among it any longer, it has ended there:
 * it is lost to this node, and that is told, once.
 */

import type { Address } from '../peer.ts'
import type { DigestKey } from '../update.ts'

/** Of how many that is noted. Of one beyond, the one offered longest ago counts as lost. */
const MAX_MISSED = 100_000

/** Of how many that were told it is remembered. */
const MAX_TOLD = 100_000

/** Not before so many request timeouts have passed: rounds name it sooner. A guess. */
const LOST_TIMEOUTS = 40

/** How often a peer has to show all that it has. One answer may have been on its way when the offer was made. */
const SHOWN = 2

/** Of whose answers count is kept; whoever answered longest ago is forgotten. */
const MAX_PEERS = 1024

/** When only others have answered, the one who offered it may be cut off: so long, and so many answers, until it is lost. */
const CUT_OFF_MS = 3_600_000
const CUT_OFF_ANSWERS = 32

/** All of them are looked at so often within the time after which they may be lost. */
const LOOKS = 8

interface Offer {
  readonly atMs: number
  readonly from: Address
  /** How often its peer, and all together, had shown all that they have. */
  readonly shown: number
  readonly shownByAll: number
}

export class Missed {
  readonly #lostAfterMs: number
  /** The last offer of each, in order of time. */
  readonly #offers = new Map<DigestKey, Offer>()
  /** Those that were told as lost and have not come since. */
  readonly #told = new Set<DigestKey>()
  /** How often peers have shown all that they have. */
  readonly #shown = new Map<Address, number>()
  #shownByAll = 0
  #evicted = 0
  #lookMs = -Infinity

  constructor(requestTimeoutMs: number) {
    this.#lostAfterMs = LOST_TIMEOUTS * requestTimeoutMs
  }

  get size(): number {
    return this.#offers.size
  }

  /** `from` offered it, and there is no room for it, or it did not come. Told once, it is not told again. */
  add(key: DigestKey, from: Address, nowMs: number): void {
    if (this.#told.has(key)) return
    const shown = this.#shown.get(from) ?? 0
    this.#offers.delete(key)
    this.#offers.set(key, { atMs: nowMs, from, shown, shownByAll: this.#shownByAll })
    if (this.size <= MAX_MISSED) return
    if (this.tell(this.#offers.keys().next().value!)) this.#evicted++
  }

  /** `from` offers it still, if it is missed. */
  offered(key: DigestKey, from: Address, nowMs: number): void {
    if (this.size > 0 && this.#offers.has(key)) this.add(key, from, nowMs)
  }

  /** It was taken, or is not wanted. */
  delete(key: DigestKey): void {
    if (this.size > 0) this.#offers.delete(key)
    if (this.#told.size > 0) this.#told.delete(key)
  }

  /** It is told as lost. Returns whether it was not before. */
  tell(key: DigestKey): boolean {
    this.#offers.delete(key)
    if (this.#told.has(key)) return false
    this.#told.add(key)
    if (this.#told.size > MAX_TOLD) this.#told.delete(this.#told.keys().next().value!)
    return true
  }

  /** `peer` has shown all that it has and this node lacks, and each of it was {@link offered}. */
  shownAll(peer: Address): void {
    this.#shownByAll++
    const shown = this.#shown.get(peer) ?? 0
    this.#shown.delete(peer)
    this.#shown.set(peer, shown + 1)
    if (this.#shown.size > MAX_PEERS) this.#shown.delete(this.#shown.keys().next().value!)
  }

  /** Takes those that are lost. Returns how many. */
  takeLost(nowMs: number): number {
    let lost = this.#evicted
    this.#evicted = 0
    if (nowMs < this.#lookMs) return lost
    this.#lookMs = nowMs + this.#lostAfterMs / LOOKS
    for (const [key, offer] of this.#offers) {
      if (nowMs - offer.atMs < this.#lostAfterMs) break
      if (this.#isLost(offer, nowMs) && this.tell(key)) lost++
    }
    return lost
  }

  #isLost({ atMs, from, shown, shownByAll }: Offer, nowMs: number): boolean {
    if ((this.#shown.get(from) ?? 0) - shown >= SHOWN) return true
    return nowMs - atMs >= CUT_OFF_MS && this.#shownByAll - shownByAll >= CUT_OFF_ANSWERS
  }
}
