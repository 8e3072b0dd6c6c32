/** Calls the validator: for several updates at once, the others in order. Each gets a verdict or a failure in time. */

import { GossipError, toGossipError } from '../model/errors.ts'
import type { Address } from '../model/peer.ts'
import { digestOfKey, ownCopy, type DigestKey } from '../model/update.ts'
import type { Validate, Verdict } from '../model/verdict.ts'
import { Deadlines } from '../options/deadlines.ts'
import type { GossipConfig } from '../options/options.ts'

type ValidatorConfig = Pick<GossipConfig, 'validate' | 'validation' | 'clock'>

/** Callbacks with the results. Never called from inside `push`. */
export interface ValidationOwner {
  /** `verdict` is undefined when the validator failed. */
  validated(key: DigestKey, verdict: Verdict | undefined): void
  failed(error: GossipError, peer: Address): void
}

export class Validation {
  readonly #config: ValidatorConfig
  readonly #owner: ValidationOwner
  /** Bounded by the engine's limits of pending contents. */
  readonly #waiting: Validate[] = []
  readonly #deadlines: Deadlines
  #running = 0
  #bytes = 0
  #stopped = false

  constructor(config: ValidatorConfig, owner: ValidationOwner) {
    this.#config = config
    this.#deadlines = new Deadlines(config.clock)
    this.#owner = owner
  }

  /** The bytes of contents that have no verdict yet. */
  get bytes(): number {
    return this.#bytes
  }

  push(request: Validate): void {
    this.#waiting.push(request)
    this.#bytes += request.update.content.length
    if (this.#running < this.#config.validation.maxConcurrent) void this.#work()
  }

  /** Gives up waiting updates and running calls. */
  stop(): void {
    this.#stopped = true
    this.#waiting.length = 0
    this.#deadlines.end()
  }

  async #work(): Promise<void> {
    this.#running++
    await Promise.resolve()
    for (
      let request = this.#waiting.shift();
      request !== undefined;
      request = this.#waiting.shift()
    ) {
      const { update, from } = request
      try {
        const verdict: unknown = await this.#validate(request).finally(() => {
          this.#bytes -= update.content.length
        })
        if (!isVerdict(verdict)) {
          throw new GossipError(
            'VALIDATE_FAILED',
            `validate gave ${String(verdict)}, not accept, ignore, reject or later`
          )
        }
        this.#owner.validated(update.key, verdict)
      } catch (error) {
        if (this.#stopped) break
        this.#owner.failed(
          toGossipError(error, 'VALIDATE_FAILED', `validate(${digestOfKey(update.key)})`),
          from
        )
        this.#owner.validated(update.key, undefined)
      }
    }
    this.#running--
  }

  #validate({ update, from }: Validate): Promise<Verdict> {
    const { timeoutMs } = this.#config.validation
    return this.#deadlines.run(
      timeoutMs,
      () => this.#config.validate!(ownCopy(update), from),
      () =>
        new GossipError(
          'VALIDATE_FAILED',
          `validate(${digestOfKey(update.key)}) gave no verdict within validation.timeoutMs (${timeoutMs} ms)`
        )
    )
  }
}

function isVerdict(value: unknown): value is Verdict {
  return value === 'accept' || value === 'ignore' || value === 'reject' || value === 'later'
}
