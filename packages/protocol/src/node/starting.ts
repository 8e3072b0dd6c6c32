/** Bounds the steps of a start that wait for a port, because a port may never answer. `stop` ends them early. */

import { GossipError, type GossipErrorCode } from '../model/errors.ts'
import { Deadlines } from '../options/deadlines.ts'
import type { Clock } from '../ports/clock.ts'

/** The longest time for one step, in milliseconds. A guess: longer than a working disk or listener takes. */
const MAX_STEP_MS = 30_000

export class Starting {
  readonly #deadlines: Deadlines

  constructor(clock: Clock) {
    this.#deadlines = new Deadlines(clock)
  }

  /** Settles as `work` does. Rejects with `code` when that takes too long, and with the error given to {@link end}. */
  step<T>(work: Promise<T>, name: string, code: GossipErrorCode): Promise<T> {
    const late = `${name} did not settle within ${MAX_STEP_MS} ms`
    return this.#deadlines.run(MAX_STEP_MS, work, () => new GossipError(code, late))
  }

  /** Rejects the running step. */
  end(error: GossipError): void {
    this.#deadlines.end(error)
  }
}
