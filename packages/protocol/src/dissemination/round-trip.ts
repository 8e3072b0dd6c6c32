/**
 * How long to wait for an answer before another peer is asked: as long as answers have taken lately, with room for their
 * spread (Jacobson 1988, section 2, the retransmission timer of TCP), doubled each time that was too short.
 */
const SMOOTHING = 1 / 8
const SPREAD_SMOOTHING = 1 / 4
const SPREADS = 4

/** So short that no link's jitter is taken for loss. */
const LEAST_MS = 250

export class RoundTrip {
  readonly #mostMs: number
  #meanMs: number | undefined
  #spreadMs = 0
  #doublings = 0

  /** Until an answer has come, and at most ever, `mostMs`. */
  constructor(mostMs: number) {
    this.#mostMs = mostMs
  }

  get timeoutMs(): number {
    if (this.#meanMs === undefined) return this.#mostMs
    const timeoutMs =
      Math.max(LEAST_MS, this.#meanMs + SPREADS * this.#spreadMs) * 2 ** this.#doublings
    return Math.min(this.#mostMs, timeoutMs)
  }

  answered(afterMs: number): void {
    this.#doublings = 0
    if (this.#meanMs === undefined) {
      this.#meanMs = afterMs
      this.#spreadMs = afterMs / 2
      return
    }
    this.#spreadMs += SPREAD_SMOOTHING * (Math.abs(afterMs - this.#meanMs) - this.#spreadMs)
    this.#meanMs += SMOOTHING * (afterMs - this.#meanMs)
  }

  lapsed(): void {
    if (this.timeoutMs < this.#mostMs) this.#doublings++
  }
}
