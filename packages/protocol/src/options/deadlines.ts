/** Bounds calls of handlers, sources and other code that may never settle. */

import type { GossipError } from '../model/errors.ts'
import type { Clock } from '../ports/clock.ts'

type Work<T> = PromiseLike<T> | (() => T | PromiseLike<T>)

export class Deadlines {
  readonly #clock: Clock
  /** End the deadlines of running calls. */
  readonly #ends = new Set<(error?: GossipError) => void>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Settles as `work` does, or as its call, which may throw; rejects with `late()` if that takes longer than `ms`. */
  run<T>(ms: number, work: Work<T>, late: () => GossipError): Promise<T> {
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.wakeAt(this.#clock.now() + ms, () => end(late()))
      const end = (error?: GossipError): void => {
        cancel()
        this.#ends.delete(end)
        if (error !== undefined) reject(error)
      }
      this.#ends.add(end)
      const answer = new Promise<T>((answered) =>
        answered(typeof work === 'function' ? work() : work)
      )
      answer.then(resolve, reject).finally(end)
    })
  }

  /** Cancels the timers of running calls. With `error`, the calls reject with it; without, they may take any time. */
  end(error?: GossipError): void {
    for (const end of this.#ends) end(error)
  }
}
