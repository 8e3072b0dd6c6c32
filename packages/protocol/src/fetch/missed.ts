/**
 * Tracks updates that this node could not take when they were offered or arrived, or that it requested in vain. A later offer
 * may still bring them. Once the peer that offered one has named all that it has, without that update, the update has ended
 * there. It is then lost to this node, and reported once.
 */

import { dropOldest, setBounded } from '../model/bounded-map.ts'
import type { Address } from '../model/peer.ts'
import type { DigestKey } from '../model/update.ts'

/** The most missed updates that are kept. Beyond it, the one whose last offer is the oldest counts as lost. */
const MAX_MISSED = 100_000

/** The most updates that are remembered as reported. */
const MAX_REPORTED = 100_000

/** An update is lost after this many request timeouts at the earliest: if it is still there, rounds name it sooner. A guess. */
const LOST_TIMEOUTS = 40

/** How many full answers of its peer must lack an update: the first may have been on its way when the offer was made. */
const FULL_ANSWERS = 2

/** For how many peers full answers are counted; the one whose last answer is the oldest is forgotten first. */
const MAX_PEERS = 1024

/** While its peer may be cut off, an update is lost after this time and this many full answers of other peers. */
const CUT_OFF_MS = 3_600_000
const CUT_OFF_ANSWERS = 32

/** How often all missed updates are checked within the time after which they may be lost. */
const CHECKS = 8

interface Offer {
  readonly atMs: number
  readonly from: Address
  /** The counts of full answers at the time of the offer: of its peer, and of all peers together. */
  readonly fullAnswers: number
  readonly fullAnswersOfAll: number
}

export class Missed {
  readonly #lostAfterMs: number
  /** The last offer of each update, in order of time. */
  readonly #offers = new Map<DigestKey, Offer>()
  /** Updates that were reported as lost and have not arrived since. */
  readonly #reported = new Set<DigestKey>()
  /** How many full answers each peer has sent: answers after which this node has seen the digests of all that the peer has. */
  readonly #fullAnswers = new Map<Address, number>()
  #fullAnswersOfAll = 0
  #evicted = 0
  #checkMs = -Infinity

  constructor(requestTimeoutMs: number) {
    this.#lostAfterMs = LOST_TIMEOUTS * requestTimeoutMs
  }

  get size(): number {
    return this.#offers.size
  }

  /** Adds an update that `from` offered and that could not be taken, or did not arrive. Ignores what was reported before. */
  add(key: DigestKey, from: Address, nowMs: number): void {
    if (this.#reported.has(key)) return
    const fullAnswers = this.#fullAnswers.get(from) ?? 0
    this.#offers.delete(key)
    const fullAnswersOfAll = this.#fullAnswersOfAll
    this.#offers.set(key, { atMs: nowMs, from, fullAnswers, fullAnswersOfAll })
    if (this.size <= MAX_MISSED) return
    if (this.markReported(this.#offers.keys().next().value!)) this.#evicted++
  }

  /** Renews the offer of an update that is missed. */
  offered(key: DigestKey, from: Address, nowMs: number): void {
    if (this.size > 0 && this.#offers.has(key)) this.add(key, from, nowMs)
  }

  /** Removes an update that was taken, or that is no longer needed. */
  delete(key: DigestKey): void {
    if (this.size > 0) this.#offers.delete(key)
    if (this.#reported.size > 0) this.#reported.delete(key)
  }

  /** Marks an update as reported. Returns false if it was before. */
  markReported(key: DigestKey): boolean {
    this.#offers.delete(key)
    if (this.#reported.has(key)) return false
    this.#reported.add(key)
    dropOldest(this.#reported, MAX_REPORTED)
    return true
  }

  /** Counts a full answer: `peer` has named all that it has and this node lacks, and each of it was {@link offered}. */
  fullAnswer(peer: Address): void {
    this.#fullAnswersOfAll++
    setBounded(this.#fullAnswers, peer, (this.#fullAnswers.get(peer) ?? 0) + 1, MAX_PEERS)
  }

  /** Removes the updates that are lost, and returns how many there were. */
  takeLost(nowMs: number): number {
    let lost = this.#evicted
    this.#evicted = 0
    if (nowMs < this.#checkMs) return lost
    this.#checkMs = nowMs + this.#lostAfterMs / CHECKS
    for (const [key, offer] of this.#offers) {
      if (nowMs - offer.atMs < this.#lostAfterMs) break
      if (this.#isLost(offer, nowMs) && this.markReported(key)) lost++
    }
    return lost
  }

  #isLost({ atMs, from, fullAnswers, fullAnswersOfAll }: Offer, nowMs: number): boolean {
    if ((this.#fullAnswers.get(from) ?? 0) - fullAnswers >= FULL_ANSWERS) return true
    const ofAll = this.#fullAnswersOfAll - fullAnswersOfAll
    return nowMs - atMs >= CUT_OFF_MS && ofAll >= CUT_OFF_ANSWERS
  }
}
