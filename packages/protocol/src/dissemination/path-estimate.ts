/**
 * How long one peer takes to answer: its round trip (Jacobson 1988, section 2), and the time that its contents take on the
 * way. Answers that came too late count as much as others; only whether a repeated request was answered in time says
 * nothing (Karn and Partridge 1987, section 3).
 */

import { RoundTrip } from './round-trip.ts'

/** Smaller answers tell of the round trip, and nothing of the rate. A guess. */
const LEAST_RATE_BYTES = 16 * 1024

/** A link that has become slower is believed sooner than one that has become faster: asking twice makes it worse. */
const SLOWER_SMOOTHING = 1 / 2
const FASTER_SMOOTHING = 1 / 8

/** No request is open for longer than so many of the timeouts of peers of which nothing is known: a slow one holds up no more. */
export const MAX_TIMEOUTS = 4

/** Timeouts double so often at most: whatever is slower than that is learnt from late answers, and loss is not waited for. */
const MAX_DOUBLINGS = 2

export class PathEstimate {
  readonly #roundTrip: RoundTrip
  #doublings = 0
  readonly #maxMs: number
  #msPerByte = 0

  /** Until an answer has come, requests time out after `maxMs`. */
  constructor(maxMs: number) {
    this.#maxMs = maxMs
    this.#roundTrip = new RoundTrip(maxMs)
  }

  /** How long to wait for an answer of about `bytes`. */
  timeoutMs(bytes: number): number {
    const timeoutMs = this.#roundTrip.timeoutMs + bytes * this.#msPerByte
    return Math.min(timeoutMs, MAX_TIMEOUTS * this.#maxMs)
  }

  /** A request was answered after `afterMs` with `bytes`; in time, unless `isLate`. */
  answered(afterMs: number, bytes: number, isLate: boolean): void {
    const latencyMs = Math.max(0, afterMs - bytes * this.#msPerByte)
    if (bytes >= LEAST_RATE_BYTES) this.#learnRate(afterMs / bytes)
    if (isLate) this.#roundTrip.learn(latencyMs)
    else {
      this.#roundTrip.answered(latencyMs)
      this.#doublings = 0
    }
  }

  /** A request was not answered in time. */
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
