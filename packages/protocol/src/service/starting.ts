/** The steps of a start that wait for a port: bounded, and ended by `stop`, since a port may never answer. */

import { GossipError, type GossipErrorCode } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'

/** How long one port may take, in milliseconds. A guess: beyond all that a disk or a listener that works needs. */
const MAX_STEP_MS = 30_000

export class Starting {
  readonly #clock: Clock
  readonly #ends = new Set<(error: GossipError) => void>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Settles as `work` does; rejects with `code` when that takes too long, and with what {@link end} is given. */
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

  /** Gives up the step under way. */
  end(error: GossipError): void {
    for (const end of this.#ends) end(error)
  }
}
