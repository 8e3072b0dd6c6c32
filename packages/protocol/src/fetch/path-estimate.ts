/**
 * Estimates how long one peer takes to answer: its round trip (Jacobson 1988, section 2), and the transfer time of its
 * contents. Late answers are samples like any others. An answer to a repeated request is no sample, because it may answer
 * either of the two (Karn and Partridge 1987, section 3).
 */

import { RoundTrip } from '../model/round-trip.ts'

/** The smallest answer that is a sample of the rate; smaller ones are dominated by the round trip. A guess. */
const LEAST_RATE_BYTES = 16 * 1024

/** The estimate follows a slower rate faster than a higher one: a timeout that is too short repeats requests on a slow link. */
const SLOWER_SMOOTHING = 1 / 2
const FASTER_SMOOTHING = 1 / 8

/** The longest timeout of a request, in initial timeouts: a slow peer delays a content no longer. */
export const MAX_TIMEOUTS = 4

/**
 * The most doublings of a timeout: slower paths are learnt from late answers, and more doublings would only delay recovery
 * from loss.
 */
const MAX_DOUBLINGS = 2

export class PathEstimate {
  readonly #roundTrip: RoundTrip
  #doublings = 0
  readonly #maxMs: number
  #msPerByte = 0

  /** `maxMs` is the timeout until the first answer has arrived. */
  constructor(maxMs: number) {
    this.#maxMs = maxMs
    this.#roundTrip = new RoundTrip(maxMs)
  }

  /** Returns how long to wait for an answer of about `bytes`. */
  timeoutMs(bytes: number): number {
    const timeoutMs = this.#roundTrip.timeoutMs + bytes * this.#msPerByte
    return Math.min(timeoutMs, MAX_TIMEOUTS * this.#maxMs)
  }

  /** Learns from an answer of `bytes` that arrived after `afterMs`: in time, unless `isLate`. */
  answered(afterMs: number, bytes: number, isLate: boolean): void {
    const latencyMs = Math.max(0, afterMs - bytes * this.#msPerByte)
    if (bytes >= LEAST_RATE_BYTES) this.#learnRate(afterMs / bytes)
    if (isLate) this.#roundTrip.learn(latencyMs)
    else {
      this.#roundTrip.answered(latencyMs)
      this.#doublings = 0
    }
  }

  /** Doubles the timeout, because a request was not answered in time. */
  lapsed(): void {
    if (this.#doublings >= MAX_DOUBLINGS) return
    this.#doublings++
    this.#roundTrip.lapsed()
  }

  #learnRate(msPerByte: number): void {
    if (this.#msPerByte === 0) this.#msPerByte = msPerByte
    const smoothing = msPerByte > this.#msPerByte ? SLOWER_SMOOTHING : FASTER_SMOOTHING
    this.#msPerByte += smoothing * (msPerByte - this.#msPerByte)
  }
}
