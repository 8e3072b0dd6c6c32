/** Closes streams and connections a moment after a goodbye: a stream that is reset at once would discard the goodbye. */

/** The time between a goodbye and the close. */
const GOODBYE_MS = 1000

export class Departures {
  readonly #added: () => void
  /** When each callback is due, earliest first. */
  readonly #due = new Map<() => void, number>()

  /** Calls `added` after each {@link add}, so that a {@link sweep} follows in time. */
  constructor(added: () => void) {
    this.#added = added
  }

  /** Whether no callback is due. */
  get isEmpty(): boolean {
    return this.#due.size === 0
  }

  /** Calls `end` once, from a {@link sweep} after {@link GOODBYE_MS} or from {@link endAll}. */
  add(end: () => void, nowMs: number): void {
    this.#due.set(end, nowMs + GOODBYE_MS)
    this.#added()
  }

  sweep(nowMs: number): void {
    for (const [end, dueMs] of this.#due) {
      if (dueMs > nowMs) return
      this.#due.delete(end)
      end()
    }
  }

  endAll(): void {
    this.sweep(Infinity)
  }
}
