/**
 * Addresses that are asked until they answer, each at intervals that grow from one period to the longest it has.
 *
 * An address that was tried in vain is likely to stay so, and a node that has peers can wait. One that has none cannot:
 * it asks in every period, in turn.
 */

import type { Address } from '../peer.ts'

/** Each interval is so many times the one before. */
const GROWTH = 1.5

/** Who was lost so lately is asked in each {@link LATELY_MS}; later after a tenth of the time it has been away. */
const LATE_MS = 5 * 60_000
const LATELY_MS = 1000
const LATE_GROWTH = 1 / 10

/** Beyond it every interval is the longest. */
const MOST_TRIES = 64

interface Attempt {
  tries: number
  dueMs: number
  readonly longestMs: number
  /** Since when it has been away, if it ever was here. */
  lostAtMs: number | undefined
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

  /** From `dueMs` on; of one that was here, with the time at which it was lost. What is known of earlier attempts stays. */
  add(address: Address, dueMs: number, longestMs: number, lostAtMs?: number): void {
    const attempt = this.#attempts.get(address)
    if (attempt === undefined) this.#attempts.set(address, { tries: 0, dueMs, longestMs, lostAtMs })
    else attempt.lostAtMs = lostAtMs ?? attempt.lostAtMs
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
      attempt.dueMs = nowMs + this.#intervalMs(attempt, nowMs)
      attempt.tries = Math.min(attempt.tries + 1, MOST_TRIES)
      this.#attempts.delete(address)
      this.#attempts.set(address, attempt)
    }
    return asked
  }

  #intervalMs({ tries, longestMs, lostAtMs = -Infinity }: Attempt, nowMs: number): number {
    const awayMs = nowMs - lostAtMs
    const wantedMs =
      awayMs < LATE_MS
        ? LATELY_MS
        : lostAtMs > -Infinity
          ? awayMs * LATE_GROWTH
          : this.#periodMs * GROWTH ** tries
    return Math.max(this.#periodMs, Math.min(longestMs, wantedMs))
  }
}
