/** Delayed messages: each waits for its time, the abort of its signal, or the end of all of them. */

import { GossipError, type Clock } from '@rumormill/protocol/plugin'

type GiveUp = (reason: unknown) => void

/** The waits of one signal, which share one listener. */
interface Watch {
  readonly waits: Set<GiveUp>
  readonly abort: () => void
}

export class Holds {
  readonly #clock: Clock
  readonly #most: number
  readonly #watches = new Map<AbortSignal, Watch>()
  #size = 0

  /** Holds at most `most` messages; further waits reject with OVERLOADED. */
  constructor(clock: Clock, most: number) {
    this.#clock = clock
    this.#most = most
  }

  get isFull(): boolean {
    return this.#size >= this.#most
  }

  /** Waits `ms` milliseconds. Rejects as soon as the signal aborts or {@link giveUp} is called. */
  async wait(ms: number, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted()
    if (this.isFull) throw new GossipError('OVERLOADED', `${this.#most} messages are held back`)
    const { waits } = this.#watchOf(signal)
    let cancel: () => void = () => {}
    let giveUp: GiveUp = () => {}
    this.#size++
    try {
      await new Promise<void>((resolve, reject) => {
        cancel = this.#clock.wakeAt(this.#clock.now() + ms, resolve)
        giveUp = reject
        waits.add(giveUp)
      })
    } finally {
      this.#size--
      cancel()
      waits.delete(giveUp)
      if (waits.size === 0) this.#unwatch(signal)
    }
  }

  /** Rejects every wait with `reason`. */
  giveUp(reason: unknown): void {
    for (const { waits } of this.#watches.values()) {
      for (const giveUp of waits) giveUp(reason)
    }
  }

  #watchOf(signal: AbortSignal): Watch {
    const existing = this.#watches.get(signal)
    if (existing !== undefined) return existing
    const waits = new Set<GiveUp>()
    const watch = { waits, abort: () => waits.forEach((giveUp) => giveUp(signal.reason)) }
    signal.addEventListener('abort', watch.abort, { once: true })
    this.#watches.set(signal, watch)
    return watch
  }

  #unwatch(signal: AbortSignal): void {
    const watch = this.#watches.get(signal)
    if (watch === undefined) return
    signal.removeEventListener('abort', watch.abort)
    this.#watches.delete(signal)
  }
}
