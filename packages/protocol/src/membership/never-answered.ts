/**
 * Addresses that others named, on which nobody of the group has ever answered. Without it a liar could have a whole group call
 * on a stranger again and again, long after it has gone. A correct peer that could not be reached for a moment is asked again
 * when it is named after a minute, and the pause grows with each time that it was in vain.
 */

import type { Address } from '../peer.ts'

/** For so long an address is not asked after the first time, and at most. Guesses. */
const FIRST_PAUSE_MS = 60 * 1000
const LONGEST_PAUSE_MS = 24 * 60 * 60 * 1000
const GROWTH = 4

/** Of more, the one that failed longest ago is forgotten, and may be named again. */
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
    this.#failures.delete(address)
    this.#failures.set(address, { count, untilMs: nowMs + pauseMs })
    if (this.#failures.size > MAX_ADDRESSES)
      this.#failures.delete(this.#failures.keys().next().value!)
  }

  /** It has spoken. */
  delete(address: Address): void {
    this.#failures.delete(address)
  }

  /** Whether it is not to be asked, whoever names it. */
  has(address: Address, nowMs: number): boolean {
    const untilMs = this.#failures.get(address)?.untilMs
    return untilMs !== undefined && nowMs < untilMs
  }

  /** Up to `count` for a node that has nobody else to ask, each in turn. */
  next(count: number): Address[] {
    const asked = [...this.#failures.keys()].slice(0, count)
    for (const address of asked) {
      const failures = this.#failures.get(address)!
      this.#failures.delete(address)
      this.#failures.set(address, failures)
    }
    return asked
  }
}
