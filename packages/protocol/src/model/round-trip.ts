/**
 * Computes the timeout of requests from the mean and the deviation of recent answer times (Jacobson 1988, section 2, the
 * retransmission timer of TCP). It doubles with each request that times out.
 */
const SMOOTHING = 1 / 8
const DEVIATION_SMOOTHING = 1 / 4
const DEVIATIONS = 4

/**
 * Where the mean exceeds `mostMs`, the longest timeout is `MARGIN` times the mean instead, and at most `MAX_TIMEOUTS` times
 * `mostMs`.
 */
const MARGIN = 3 / 2
const MAX_TIMEOUTS = 4

/** The shortest timeout; usual jitter stays below it, so it is not taken for loss. */
const LEAST_MS = 250

export class RoundTrip {
  readonly #mostMs: number
  #meanMs: number | undefined
  #deviationMs = 0
  #doublings = 0

  /** `mostMs` is the timeout until the first answer has arrived, and the longest one while answers take less than that. */
  constructor(mostMs: number) {
    this.#mostMs = mostMs
  }

  get timeoutMs(): number {
    if (this.#meanMs === undefined) return this.#mostMs
    const timeoutMs =
      Math.max(LEAST_MS, this.#meanMs + DEVIATIONS * this.#deviationMs) * 2 ** this.#doublings
    const mostMs = Math.min(MARGIN * this.#meanMs, MAX_TIMEOUTS * this.#mostMs)
    return Math.min(timeoutMs, Math.max(this.#mostMs, mostMs))
  }

  /** Learns from an answer in time, and ends the doublings. */
  answered(afterMs: number): void {
    this.#doublings = 0
    this.learn(afterMs)
  }

  /** Learns from an answer that came too late. The doublings stay. */
  learn(afterMs: number): void {
    if (this.#meanMs === undefined) {
      this.#meanMs = afterMs
      this.#deviationMs = afterMs / 2
      return
    }
    this.#deviationMs +=
      DEVIATION_SMOOTHING * (Math.abs(afterMs - this.#meanMs) - this.#deviationMs)
    this.#meanMs += SMOOTHING * (afterMs - this.#meanMs)
  }

  /** Ends the doublings after an answer whose time is unknown: the path works, so the loss was accidental. */
  arrived(): void {
    this.#doublings = 0
  }

  /** Doubles the timeout, because a request was not answered in time. */
  lapsed(): void {
    if (this.timeoutMs < this.#mostMs) this.#doublings++
  }
}
