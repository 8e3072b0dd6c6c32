/**
 * Tracks addresses that other nodes named and that never answered this one. Without it, one peer that names false addresses
 * could make a whole group dial them again and again. A correct peer that was unreachable for a moment is tried again when it
 * is named after a minute; the pause grows with each failure.
 */

import { setBounded } from '../model/bounded-map.ts'
import type { Address } from '../model/peer.ts'

/** The pause before an address is tried again: after the first failure, the longest, and the factor. Guesses. */
const FIRST_PAUSE_MS = 60 * 1000
const LONGEST_PAUSE_MS = 24 * 60 * 60 * 1000
const GROWTH = 4

/** The most addresses that are kept; the one that failed longest ago is forgotten first. */
const MAX_ADDRESSES = 4096

interface Failures {
  readonly count: number
  readonly untilMs: number
}

export class NeverAnswered {
  /** The one that failed longest ago comes first. */
  readonly #failures = new Map<Address, Failures>()

  add(address: Address, nowMs: number): void {
    const count = (this.#failures.get(address)?.count ?? 0) + 1
    const pauseMs = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * GROWTH ** (count - 1))
    setBounded(this.#failures, address, { count, untilMs: nowMs + pauseMs }, MAX_ADDRESSES)
  }

  /** Removes an address that has sent a message. */
  delete(address: Address): void {
    this.#failures.delete(address)
  }

  /** Returns whether an address must not be tried now, even if a peer names it. */
  has(address: Address, nowMs: number): boolean {
    const untilMs = this.#failures.get(address)?.untilMs
    return untilMs !== undefined && nowMs < untilMs
  }

  /** Returns up to `count` addresses in turn, for a node that has no others to try. */
  next(count: number): Address[] {
    const chosen = [...this.#failures.keys()].slice(0, count)
    for (const address of chosen) {
      const failures = this.#failures.get(address)!
      this.#failures.delete(address)
      this.#failures.set(address, failures)
    }
    return chosen
  }
}
