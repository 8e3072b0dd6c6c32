/** The wait of a node that stops, until peers have what was submitted here, or the time for that is over. */

import type { Clock } from '../ports/clock.ts'

/** How long a node waits at most by default: some rounds, so that a peer that missed the digest asks for it. */
export const GRACE_MS = 2000

export class GracePeriod {
  readonly #clock: Clock
  /** Set while the node waits. */
  #isOver: (() => boolean) | undefined
  #end: () => void = () => {}

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Resolves once `isOver`, as far as {@link check} is called then, or when `graceMs` have passed. */
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

  /** Must be called after everything that may end the wait. */
  check(): void {
    if (this.#isOver?.() === true) this.#end()
  }
}
