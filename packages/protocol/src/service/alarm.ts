/** The one alarm of a node: wakes it when something is due. */

import type { Clock } from '../ports/clock.ts'

export class Alarm {
  readonly #clock: Clock
  readonly #wake: () => void
  #cancel: () => void = () => {}
  /** When the timer rings. */
  #atMs = Infinity
  /** It rings at the end of this turn. */
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
   * Wakes the node at `atMs` or earlier. An alarm that is set earlier stays: an early tick is harmless, and timers are not
   * set anew for each message. What is due now waits for the end of this turn only, so that all that comes in one turn
   * goes out together; a timer would make it wait a millisecond.
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
