/**
 * Addresses that are asked until they answer, each at intervals that grow from one period to the longest it has.
 *
 * An address that was tried in vain is likely to stay so, and a node that has peers can wait. One that has none cannot:
 * it asks in every period, in turn.
 */

import type { Address } from '../peer.ts'

/** Each interval is so many times the one before: who comes back is tried within about a third of the time it was away. */
const GROWTH = 1.5

/** Beyond it every interval is the longest. */
const MOST_TRIES = 64

interface Attempt {
  tries: number
  dueMs: number
  readonly longestMs: number
}

export class Attempts {
  readonly #periodMs: number
  /** The one asked longest ago comes first. */
  readonly #attempts = new Map<Address, Attempt>()

  constructor(periodMs: number) {
    this.#periodMs = periodMs
  }

  get size(): number {
    return this.#attempts.size
  }

  has(address: Address): boolean {
    return this.#attempts.has(address)
  }

  addresses(): Address[] {
    return [...this.#attempts.keys()]
  }

  /** From `dueMs` on. What is known of earlier attempts stays. */
  add(address: Address, dueMs: number, longestMs: number): void {
    if (!this.has(address)) this.#attempts.set(address, { tries: 0, dueMs, longestMs })
  }

  /** There is reason to ask it now. */
  hasten(address: Address, nowMs: number): void {
    const attempt = this.#attempts.get(address)
    if (attempt !== undefined) attempt.dueMs = Math.min(attempt.dueMs, nowMs)
  }

  /** Whether it was there. */
  delete(address: Address): boolean {
    return this.#attempts.delete(address)
  }

  /** Up to `count` whose turn it is, which are counted as asked; of all in turn when this node `isAlone`. */
  next(nowMs: number, count: number, isAlone: boolean): Address[] {
    const asked: Address[] = []
    for (const [address, { dueMs }] of this.#attempts) {
      if (asked.length === count) break
      if (isAlone || dueMs <= nowMs) asked.push(address)
    }
    for (const address of asked) {
      const attempt = this.#attempts.get(address)!
      attempt.dueMs =
        nowMs +
        Math.max(
          this.#periodMs,
          Math.min(attempt.longestMs, this.#periodMs * GROWTH ** attempt.tries)
        )
      attempt.tries = Math.min(attempt.tries + 1, MOST_TRIES)
      this.#attempts.delete(address)
      this.#attempts.set(address, attempt)
    }
    return asked
  }
}
