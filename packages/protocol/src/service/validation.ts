/** Updates on their way to the validator: several at once, the rest in line; whatever it does, each gets an answer in time. */

import { GossipError, toGossipError } from '../errors.ts'
import type { Address } from '../peer.ts'
import { ownCopy, type Digest } from '../update.ts'
import type { Validate, Verdict } from '../verdict.ts'
import type { GossipConfig } from './options.ts'

type ValidatorConfig = Pick<GossipConfig, 'validate' | 'validation' | 'clock'>

/** Never called from inside `push`. */
export interface ValidationOwner {
  /** No verdict when the validator failed. */
  validated(digest: Digest, verdict: Verdict | undefined): void
  failed(error: GossipError, peer: Address): void
}

export class Validation {
  readonly #config: ValidatorConfig
  readonly #owner: ValidationOwner
  /** Bounded by the engine, which fetches no more than it may await. */
  readonly #waiting: Validate[] = []
  #running = 0
  #bytes = 0
  /** Cancels the timers of those that are asked. */
  readonly #cancels = new Set<() => void>()
  #stopped = false

  constructor(config: ValidatorConfig, owner: ValidationOwner) {
    this.#config = config
    this.#owner = owner
  }

  /** Of the contents that have no verdict yet. */
  get bytes(): number {
    return this.#bytes
  }

  push(question: Validate): void {
    this.#waiting.push(question)
    this.#bytes += question.update.content.length
    if (this.#running < this.#config.validation.maxConcurrent) void this.#work()
  }

  /** Gives up what still waits, and what the validator has not judged. */
  stop(): void {
    this.#stopped = true
    this.#waiting.length = 0
    for (const cancel of this.#cancels) cancel()
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
        const verdict: unknown = await this.#ask(question).finally(() => {
          this.#bytes -= update.content.length
        })
        if (!isVerdict(verdict)) {
          throw new GossipError(
            'VALIDATE_FAILED',
            `validate gave ${String(verdict)}, not accept, ignore, reject or later`
          )
        }
        this.#owner.validated(update.digest, verdict)
      } catch (error) {
        if (this.#stopped) break
        this.#owner.failed(
          toGossipError(error, 'VALIDATE_FAILED', `validate(${update.digest})`),
          from
        )
        this.#owner.validated(update.digest, undefined)
      }
    }
    this.#running--
  }

  #ask({ update, from }: Validate): Promise<Verdict> {
    const { clock, validation } = this.#config
    const { timeoutMs } = validation
    return new Promise((resolve, reject) => {
      const cancelTimer = clock.wakeAt(clock.now() + timeoutMs, () => {
        reject(
          new GossipError(
            'VALIDATE_FAILED',
            `validate(${update.digest}) gave no verdict within validation.timeoutMs (${timeoutMs} ms)`
          )
        )
      })
      const cancel = (): void => {
        this.#cancels.delete(cancel)
        cancelTimer()
      }
      this.#cancels.add(cancel)
      const answer = new Promise<Verdict>((answered) =>
        answered(this.#config.validate!(ownCopy(update), from))
      )
      answer.then(resolve, reject).finally(cancel)
    })
  }
}

function isVerdict(value: unknown): value is Verdict {
  return value === 'accept' || value === 'ignore' || value === 'reject' || value === 'later'
}
