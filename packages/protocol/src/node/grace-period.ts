/** Waits, when a node stops, until peers have its own updates, or until the grace period is over. */

import type { Clock } from '../ports/clock.ts'

/** The default longest wait: some rounds, so that a peer that missed a digest can still request the update. */
export const GRACE_MS = 2000

export class GracePeriod {
  readonly #clock: Clock
  /** Set while the node waits. */
  #isOver: (() => boolean) | undefined
  #end: () => void = () => {}

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Resolves when {@link check} finds that `isOver`, or after `graceMs`. */
  wait(graceMs: number, isOver: () => boolean): Promise<void> {
    if (!(graceMs > 0) || isOver()) return Promise.resolve()
    return new Promise((resolve) => {
      const cancel = this.#clock.wakeAt(this.#clock.now() + graceMs, () => this.#end())
      this.#isOver = isOver
      this.#end = () => {
        this.#isOver = undefined
        cancel()
        resolve()
      }
    })
  }

  /** Ends the wait if it is over. Must be called after each change that may end it. */
  check(): void {
    if (this.#isOver?.() === true) this.#end()
  }
}
