/** The single timer of a node: calls its `tick` when work is due. */

import type { Clock } from '../ports/clock.ts'

export class Alarm {
  readonly #clock: Clock
  readonly #wake: () => void
  #cancel: () => void = () => {}
  /** When the timer fires. */
  #atMs = Infinity
  /** Whether the alarm fires at the end of this turn. */
  #isDue = false
  #stopped = false

  readonly #ringNow = (): void => {
    this.#isDue = false
    this.#wake()
  }

  readonly #ring = (): void => {
    this.#atMs = Infinity
    this.#wake()
  }

  constructor(clock: Clock, wake: () => void) {
    this.#clock = clock
    this.#wake = wake
  }

  /**
   * Wakes the node at `atMs` or earlier. An alarm that is set for an earlier time stays: an early tick does nothing, and it
   * avoids a new timer for each message. Work that is due now waits only for the end of this turn, so that the effects of one
   * turn are sent together. A timer would add a millisecond.
   */
  set(atMs: number, nowMs: number): void {
    if (this.#stopped || this.#isDue || this.#atMs <= atMs) return
    if (atMs <= nowMs) {
      this.#isDue = true
      void Promise.resolve().then(this.#ringNow)
      return
    }
    this.#cancel()
    this.#atMs = atMs
    this.#cancel = this.#clock.wakeAt(atMs, this.#ring)
  }

  /** Cancels the alarm; no other can be set. */
  stop(): void {
    this.#stopped = true
    this.#cancel()
  }
}
