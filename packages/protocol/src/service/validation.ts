/** Updates on their way to the validator: several at once, the rest in line; whatever it does, each gets an answer in time. */
import { GossipError, toGossipError } from '../errors.ts'
import type { Address } from '../peer.ts'
import type { Clock } from '../ports/clock.ts'
import type { Validator } from '../ports/validator.ts'
import type { Digest } from '../update.ts'
import type { Validate, Verdict } from '../verdict.ts'
import type { ValidationConfig } from './options.ts'

/** Never called from inside `push`. */
export interface ValidationOwner {
  /** No verdict when the validator failed. */
  judged(digest: Digest, verdict: Verdict | undefined): void
  failed(error: GossipError, peer: Address): void
}

export class Validation {
  readonly #validate: Validator
  readonly #config: ValidationConfig
  readonly #clock: Clock
  readonly #owner: ValidationOwner
  /** Bounded by the engine, which fetches no more than it may await. */
  readonly #waiting: Validate[] = []
  #running = 0

  constructor(validate: Validator, config: ValidationConfig, clock: Clock, owner: ValidationOwner) {
    this.#validate = validate
    this.#config = config
    this.#clock = clock
    this.#owner = owner
  }

  push(question: Validate): void {
    this.#waiting.push(question)
    if (this.#running < this.#config.maxConcurrent) void this.#work()
  }

  /** Gives up what still waits. */
  stop(): void {
    this.#waiting.length = 0
  }

  async #work(): Promise<void> {
    this.#running++
    await Promise.resolve()
    for (
      let question = this.#waiting.shift();
      question !== undefined;
      question = this.#waiting.shift()
    ) {
      const { update, from } = question
      try {
        const verdict: unknown = await this.#ask(question)
        if (!isVerdict(verdict)) {
          throw new GossipError(
            'VALIDATE_FAILED',
            `validate gave ${String(verdict)}, not accept, ignore or reject`
          )
        }
        this.#owner.judged(update.digest, verdict)
      } catch (error) {
        this.#owner.failed(
          toGossipError(error, 'VALIDATE_FAILED', `validate(${update.digest})`),
          from
        )
        this.#owner.judged(update.digest, undefined)
      }
    }
    this.#running--
  }

  #ask({ update, from }: Validate): Promise<Verdict> {
    const { timeoutMs } = this.#config
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.wakeAt(this.#clock.now() + timeoutMs, () => {
        reject(
          new GossipError(
            'VALIDATE_FAILED',
            `validate(${update.digest}) gave no verdict within validation.timeoutMs (${timeoutMs} ms)`
          )
        )
      })
      const answer = new Promise<Verdict>((answered) => answered(this.#validate(update, from)))
      answer.then(resolve, reject).finally(cancel)
    })
  }
}

function isVerdict(value: unknown): value is Verdict {
  return value === 'accept' || value === 'ignore' || value === 'reject'
}
