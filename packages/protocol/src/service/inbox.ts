/** Updates on their way to the handler: bounded, one call at a time, in order; whatever the handler does, the next is called. */
import { GossipError, toGossipError } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'
import type { Observer } from '../ports/observer.ts'
import type { UpdateHandler } from '../ports/update-handler.ts'
import type { Digest, Update } from '../update.ts'
import type { GossipConfig, HandlingConfig } from './options.ts'

type InboxConfig = Pick<GossipConfig, 'handler' | 'handling' | 'clock'>

export class Inbox {
  readonly #handler: UpdateHandler
  readonly #config: HandlingConfig
  readonly #clock: Clock
  readonly #observe: Observer
  readonly #handled: (digest: Digest) => void
  readonly #waiting: Update[] = []
  #draining = false

  /** `handled` is told of every update that the handler has had, whatever it did with it. */
  constructor(
    { handler, handling, clock }: InboxConfig,
    observe: Observer,
    handled: (digest: Digest) => void
  ) {
    this.#handler = handler
    this.#config = handling
    this.#clock = clock
    this.#observe = observe
    this.#handled = handled
  }

  get size(): number {
    return this.#waiting.length
  }

  /** How many more updates fit. */
  get room(): number {
    return Math.max(0, this.#config.maxWaiting - this.#waiting.length)
  }

  /** The handler is never called from inside this. */
  push(update: Update): void {
    this.#waiting.push(update)
    if (this.#draining) return
    this.#draining = true
    void this.#drain()
  }

  /** Calls the handler no more. Returns the updates that still waited. */
  stop(): readonly Update[] {
    return this.#waiting.splice(0)
  }

  async #drain(): Promise<void> {
    await Promise.resolve()
    for (let update = this.#waiting.shift(); update !== undefined; update = this.#waiting.shift()) {
      try {
        const handled = this.#handler.onUpdate(update)
        if (handled instanceof Promise || isThenable(handled)) await this.#inTime(handled)
        this.#observe({ kind: 'delivered', digest: update.digest, bytes: update.content.length })
      } catch (error) {
        this.#observe({
          kind: 'failed',
          error: toGossipError(error, 'HANDLER_FAILED', `onUpdate(${update.digest})`)
        })
      }
      this.#handled(update.digest)
    }
    this.#draining = false
  }

  #inTime(handled: PromiseLike<void>): Promise<void> {
    const { timeoutMs } = this.#config
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.wakeAt(this.#clock.now() + timeoutMs, () => {
        reject(
          new GossipError(
            'HANDLER_FAILED',
            `onUpdate did not settle within handling.timeoutMs (${timeoutMs} ms)`
          )
        )
      })
      handled.then(resolve, reject).then(cancel, cancel)
    })
  }
}

function isThenable(value: unknown): value is PromiseLike<void> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  )
}
