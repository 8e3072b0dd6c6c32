/** The port for reading the time and being woken. */

export interface Clock {
  /** Returns monotonic milliseconds from any start, with or without fractions. Never wall time: it must not jump. */
  now(): number
  /**
   * Calls `wake` once, at `atMs` or as soon after as possible, never from inside this call. Returns a function that cancels
   * it.
   */
  wakeAt(atMs: number, wake: () => void): () => void
}
