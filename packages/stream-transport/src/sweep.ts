/** One timer for the deadlines of all connections of a transport. */

/** While nothing is under way, a sweep is due after this many periods. */
const CALM_PERIODS = 4

/**
 * Calls `check` periodically, at least every `periodMs` while anything is under way. `check` returns for how many milliseconds
 * nothing can be due; a node at rest is then woken less often. Does not keep the process alive.
 */
export class Sweep {
  readonly #periodMs: number
  readonly #check: (nowMs: number) => number
  #timer: unknown
  #dueMs = 0

  constructor(periodMs: number, check: (nowMs: number) => number) {
    this.#periodMs = periodMs
    this.#check = check
    this.#set(periodMs, performance.now())
  }

  /** Must be called when something has begun: the next check is then due within one period. */
  soon(): void {
    const nowMs = performance.now()
    if (this.#timer !== undefined && this.#dueMs - nowMs > this.#periodMs)
      this.#set(this.#periodMs, nowMs)
  }

  stop(): void {
    clearTimeout(this.#timer as number)
    this.#timer = undefined
  }

  #set(afterMs: number, nowMs: number): void {
    clearTimeout(this.#timer as number)
    this.#dueMs = nowMs + afterMs
    this.#timer = setTimeout(() => this.#run(), afterMs)
    // In browsers the timer is a number and does not need `unref`.
    if (typeof this.#timer === 'object') (this.#timer as { unref(): void }).unref()
  }

  #run(): void {
    const nowMs = performance.now()
    // After a suspended process or a blocked event loop one check is skipped, so that arrived bytes are read first.
    const slept = nowMs - this.#dueMs > 3 * this.#periodMs
    const calmMs = slept ? 0 : this.#check(nowMs)
    if (this.#timer === undefined) return
    const afterMs = Math.min(Math.max(calmMs, this.#periodMs), CALM_PERIODS * this.#periodMs)
    this.#set(afterMs, nowMs)
  }
}
