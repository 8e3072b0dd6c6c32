/** Bounds the steps of a start that wait for a port, because a port may never answer. `stop` ends them early. */

import { GossipError, type GossipErrorCode } from '../model/errors.ts'
import type { Clock } from '../ports/clock.ts'

/** The longest time for one step, in milliseconds. A guess: longer than a working disk or listener takes. */
const MAX_STEP_MS = 30_000

export class Starting {
  readonly #clock: Clock
  readonly #ends = new Set<(error: GossipError) => void>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Settles as `work` does. Rejects with `code` when that takes too long, and with the error given to {@link end}. */
  step<T>(work: Promise<T>, name: string, code: GossipErrorCode): Promise<T> {
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.wakeAt(this.#clock.now() + MAX_STEP_MS, () =>
        reject(new GossipError(code, `${name} did not settle within ${MAX_STEP_MS} ms`))
      )
      const end = (error?: GossipError): void => {
        cancel()
        this.#ends.delete(end)
        if (error !== undefined) reject(error)
      }
      this.#ends.add(end)
      work.then(resolve, reject).finally(end)
    })
  }

  /** Rejects the running step. */
  end(error: GossipError): void {
    for (const end of this.#ends) end(error)
  }
}
