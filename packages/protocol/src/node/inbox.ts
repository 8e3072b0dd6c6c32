/**
 * Calls the handler with one update at a time, in order. A failed call does not stop it. The queue is bounded by `freeSlots`,
 * which the fetcher asks before it takes more.
 */

import { GossipError, toGossipError } from '../model/errors.ts'
import { digestOfKey, ownCopy, type DigestKey, type KeyedUpdate } from '../model/update.ts'
import { Deadlines } from '../options/deadlines.ts'
import type { GossipConfig, DeliveryConfig } from '../options/options.ts'
import type { Observer } from '../ports/observer.ts'
import type { UpdateHandler } from '../ports/update-handler.ts'

type InboxConfig = Pick<GossipConfig, 'handler' | 'delivery' | 'clock'>

export class Inbox {
  readonly #handler: UpdateHandler
  readonly #config: DeliveryConfig
  readonly #deadlines: Deadlines
  readonly #observe: Observer
  readonly #handled: (key: DigestKey) => void
  readonly #waiting: KeyedUpdate[] = []
  #bytes = 0
  #draining = false

  /** `handled` is called after each call of the handler, also after one that failed. */
  constructor(
    { handler, delivery, clock }: InboxConfig,
    observe: Observer,
    handled: (key: DigestKey) => void
  ) {
    this.#handler = handler
    this.#config = delivery
    this.#deadlines = new Deadlines(clock)
    this.#observe = observe
    this.#handled = handled
  }

  get size(): number {
    return this.#waiting.length
  }

  /** The bytes of waiting contents. */
  get bytes(): number {
    return this.#bytes
  }

  /** Returns how many more updates fit, given `otherBytes` of contents that will be added later. */
  freeSlots(otherBytes: number): number {
    const { maxWaiting, maxWaitingBytes } = this.#config
    if (this.#bytes + otherBytes >= maxWaitingBytes) return 0
    return Math.max(0, maxWaiting - this.#waiting.length)
  }

  /** Adds an update. Never calls the handler synchronously. */
  push(update: KeyedUpdate): void {
    this.#waiting.push(update)
    this.#bytes += update.content.length
    if (this.#draining) return
    this.#draining = true
    void this.#drain()
  }

  /** Stops calling the handler. Returns the updates that were still waiting. */
  stop(): readonly KeyedUpdate[] {
    this.#deadlines.end()
    this.#bytes = 0
    return this.#waiting.splice(0)
  }

  async #drain(): Promise<void> {
    await Promise.resolve()
    for (let update = this.#waiting.shift(); update !== undefined; update = this.#waiting.shift()) {
      try {
        this.#bytes -= update.content.length
        const own = ownCopy(update)
        const handled = this.#handler.onUpdate(own)
        if (handled instanceof Promise || isThenable(handled)) await this.#inTime(handled)
        this.#observe({ kind: 'delivered', digest: own.digest, bytes: update.content.length })
      } catch (error) {
        this.#observe({
          kind: 'failed',
          error: toGossipError(error, 'HANDLER_FAILED', `onUpdate(${digestOfKey(update.key)})`)
        })
      }
      this.#handled(update.key)
    }
    this.#draining = false
  }

  #inTime(handled: PromiseLike<void>): Promise<void> {
    const { timeoutMs } = this.#config
    const late = `onUpdate did not settle within delivery.timeoutMs (${timeoutMs} ms)`
    return this.#deadlines.run(timeoutMs, handled, () => new GossipError('HANDLER_FAILED', late))
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
