/** What ends a moment after its goodbye was sent: a stream that is reset at once would take the goodbye back. */

/** Between a goodbye and the end. */
const GOODBYE_MS = 1000

export class Departures {
  /** When each is due, the first first. */
  readonly #due = new Map<() => void, number>()

  /** Calls `end` once, from a {@link sweep} after {@link GOODBYE_MS} or from {@link endAll}. */
  add(end: () => void, nowMs: number): void {
    this.#due.set(end, nowMs + GOODBYE_MS)
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
