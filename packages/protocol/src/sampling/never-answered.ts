/**
 * Addresses that others named, on which nobody of the group has ever answered. Without it a liar could have a whole group call
 * on a stranger again and again, long after it has gone.
 */

import type { Address } from '../peer.ts'

/** For so long they are not asked, whoever names them. A guess: long enough that nobody is bothered, for a peer soon calls by itself. */
const SHUNNED_MS = 24 * 60 * 60 * 1000

/** Of more, the one that failed longest ago is forgotten, and may be named again. */
const MAX_ADDRESSES = 4096

export class NeverAnswered {
  /** When they failed; the first that did comes first. */
  readonly #failedMs = new Map<Address, number>()

  add(address: Address, nowMs: number): void {
    this.#failedMs.delete(address)
    this.#failedMs.set(address, nowMs)
    if (this.#failedMs.size > MAX_ADDRESSES)
      this.#failedMs.delete(this.#failedMs.keys().next().value!)
  }

  /** It has spoken. */
  delete(address: Address): void {
    this.#failedMs.delete(address)
  }

  has(address: Address, nowMs: number): boolean {
    const failedMs = this.#failedMs.get(address)
    if (failedMs === undefined) return false
    if (nowMs - failedMs < SHUNNED_MS) return true
    this.#failedMs.delete(address)
    return false
  }
}
