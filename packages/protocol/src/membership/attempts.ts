/**
 * Schedules requests to addresses until they answer, each at intervals that grow from one period to its longest interval.
 *
 * An address that did not answer will probably not answer soon, and a node that has peers can wait. A node without peers
 * requests from some address in every period, in turn.
 */

import type { Address } from '../model/peer.ts'

/** The factor by which each interval is longer than the one before. */
const GROWTH = 1.5

/** A peer lost less than `RECENT_MS` ago is tried each `RECENT_INTERVAL_MS`; later, after a tenth of the time since the loss. */
const RECENT_MS = 5 * 60_000
const RECENT_INTERVAL_MS = 1000
const AWAY_SHARE = 1 / 10

/** The highest count of tries; from then on, every interval is the longest. */
const MOST_TRIES = 64

interface Attempt {
  tries: number
  dueMs: number
  readonly longestMs: number
  /** When it was lost, if it was a peer before. */
  lostAtMs: number | undefined
}

export class Attempts {
  readonly #periodMs: number
  /** The one tried longest ago comes first. */
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

  /** Adds an address, to be tried from `dueMs` on; for a former peer, `lostAtMs` is when it was lost. Keeps earlier tries. */
  add(address: Address, dueMs: number, longestMs: number, lostAtMs?: number): void {
    const attempt = this.#attempts.get(address)
    if (attempt === undefined) this.#attempts.set(address, { tries: 0, dueMs, longestMs, lostAtMs })
    else attempt.lostAtMs = lostAtMs ?? attempt.lostAtMs
  }

  /** Makes an address due now. */
  hasten(address: Address, nowMs: number): void {
    const attempt = this.#attempts.get(address)
    if (attempt !== undefined) attempt.dueMs = Math.min(attempt.dueMs, nowMs)
  }

  /** Removes an address. Returns whether it was there. */
  delete(address: Address): boolean {
    return this.#attempts.delete(address)
  }

  /** Returns up to `count` addresses that are due and counts a try of each; if this node `isAlone`, all are due in turn. */
  next(nowMs: number, count: number, isAlone: boolean): Address[] {
    const chosen: Address[] = []
    for (const [address, { dueMs }] of this.#attempts) {
      if (chosen.length === count) break
      if (isAlone || dueMs <= nowMs) chosen.push(address)
    }
    for (const address of chosen) {
      const attempt = this.#attempts.get(address)!
      attempt.dueMs = nowMs + this.#intervalMs(attempt, nowMs)
      attempt.tries = Math.min(attempt.tries + 1, MOST_TRIES)
      this.#attempts.delete(address)
      this.#attempts.set(address, attempt)
    }
    return chosen
  }

  #intervalMs({ tries, longestMs, lostAtMs = -Infinity }: Attempt, nowMs: number): number {
    const awayMs = nowMs - lostAtMs
    const nextMs =
      awayMs < RECENT_MS
        ? RECENT_INTERVAL_MS
        : lostAtMs > -Infinity
          ? awayMs * AWAY_SHARE
          : this.#periodMs * GROWTH ** tries
    return Math.max(this.#periodMs, Math.min(longestMs, nextMs))
  }
}
