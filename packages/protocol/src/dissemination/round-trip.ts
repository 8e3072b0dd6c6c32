/**
 * How long to wait for an answer before another peer is asked: as long as answers have taken lately, with room for their
 * spread (Jacobson 1988, section 2, the retransmission timer of TCP), doubled each time that was too short.
 */
const SMOOTHING = 1 / 8
const SPREAD_SMOOTHING = 1 / 4
const SPREADS = 4

/** A path that is always slower than the longest timeout is believed: so much more than it takes, up to so many such timeouts. */
const MARGIN = 3 / 2
const MAX_TIMEOUTS = 4

/** So short that no link's jitter is taken for loss. */
const LEAST_MS = 250

export class RoundTrip {
  readonly #mostMs: number
  #meanMs: number | undefined
  #spreadMs = 0
  #doublings = 0

  /** Until an answer has come, and at most as long as answers take less than that, `mostMs`. */
  constructor(mostMs: number) {
    this.#mostMs = mostMs
  }

  get timeoutMs(): number {
    if (this.#meanMs === undefined) return this.#mostMs
    const timeoutMs =
      Math.max(LEAST_MS, this.#meanMs + SPREADS * this.#spreadMs) * 2 ** this.#doublings
    const mostMs = Math.min(MARGIN * this.#meanMs, MAX_TIMEOUTS * this.#mostMs)
    return Math.min(timeoutMs, Math.max(this.#mostMs, mostMs))
  }

  /** An answer came in time: the doublings end. */
  answered(afterMs: number): void {
    this.#doublings = 0
    this.learn(afterMs)
  }

  /** An answer came too late: what it took is learnt, and the doublings stay. */
  learn(afterMs: number): void {
    if (this.#meanMs === undefined) {
      this.#meanMs = afterMs
      this.#spreadMs = afterMs / 2
      return
    }
    this.#spreadMs += SPREAD_SMOOTHING * (Math.abs(afterMs - this.#meanMs) - this.#spreadMs)
    this.#meanMs += SMOOTHING * (afterMs - this.#meanMs)
  }

  /** An answer came, and how long it took is not known: what was lost was lost by chance, and the doublings end. */
  arrived(): void {
    this.#doublings = 0
  }

  lapsed(): void {
    if (this.timeoutMs < this.#mostMs) this.#doublings++
  }
}
