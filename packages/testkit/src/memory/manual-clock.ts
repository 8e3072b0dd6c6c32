/** A clock that a test advances: an hour takes a moment, and events always happen in the same order. */

import type { Clock } from '@rumormill/protocol/plugin'

export interface ManualClock extends Clock {
  /**
   * Advances the time by `ms` milliseconds. Wakes fire one after the other, by time, then by registration; a wake that is
   * registered meanwhile and due within the span fires, too. A turn of the event loop precedes the first wake and follows each
   * one, so that all promise callbacks run. Work that waits for sockets, real timers or workers is not awaited. Concurrent
   * calls run one after the other. Rejects with the error of a wake; the time then stays at that wake.
   */
  advance(ms: number): Promise<void>
  /** Does the same as {@link advance}, up to the time `atMs`, which must not be in the past. */
  advanceTo(atMs: number): Promise<void>
  /** The number of registered wakes that have neither fired nor been cancelled. */
  readonly pendingWakes: number
}

/** Creates a manual clock that starts at `startMs`. */
export function manualClock(startMs: number = 0): ManualClock {
  const wakes = new WakeQueue()
  let nowMs = startMs
  let advanced: Promise<void> = Promise.resolve()
  const run = async (endMs: number): Promise<void> => {
    if (!(endMs >= nowMs)) throw new RangeError(`time cannot go from ${nowMs} to ${endMs}`)
    const turns = eventLoopTurns()
    try {
      await turns.next()
      for (let due = wakes.takeDue(endMs); due !== undefined; due = wakes.takeDue(endMs)) {
        nowMs = Math.max(nowMs, due.atMs)
        due.wake()
        await turns.next()
      }
      nowMs = endMs
    } finally {
      turns.end()
    }
  }
  const inTurn = (endMs: () => number): Promise<void> => {
    const result = advanced.then(() => run(endMs()))
    advanced = result.catch(() => {})
    return result
  }
  return {
    now: () => nowMs,
    wakeAt: (atMs, wake) => wakes.add(atMs, wake),
    get pendingWakes() {
      return wakes.size
    },
    advance: (ms) => inTurn(() => nowMs + ms),
    advanceTo: (atMs) => inTurn(() => atMs)
  }
}

interface Wake {
  readonly atMs: number
  /** Counts registrations: of two wakes at the same time, the earlier registered fires first. */
  readonly order: number
  readonly wake: () => void
}

/** Wakes sorted with the next one last, so that removing it is cheap. */
class WakeQueue {
  readonly #wakes: Wake[] = []
  #registered = 0

  get size(): number {
    return this.#wakes.length
  }

  /** Adds a wake; returns a function that cancels it. */
  add(atMs: number, wake: () => void): () => void {
    if (Number.isNaN(atMs)) throw new RangeError('a wake needs a time')
    const entry = { atMs, order: this.#registered++, wake }
    this.#wakes.splice(this.#indexOf(entry), 0, entry)
    return () => {
      const index = this.#indexOf(entry)
      if (this.#wakes[index] === entry) this.#wakes.splice(index, 1)
    }
  }

  takeDue(endMs: number): Wake | undefined {
    const next = this.#wakes.at(-1)
    return next !== undefined && next.atMs <= endMs ? this.#wakes.pop() : undefined
  }

  /** Returns the index of `wake`, or where to insert it: the first index whose wake does not fire after it. */
  #indexOf(wake: Wake): number {
    let low = 0
    let high = this.#wakes.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (firesAfter(this.#wakes[middle]!, wake)) low = middle + 1
      else high = middle
    }
    return low
  }
}

function firesAfter(wake: Wake, other: Wake): boolean {
  return wake.atMs > other.atMs || (wake.atMs === other.atMs && wake.order > other.order)
}

/** Waits for turns of the event loop with a message port, which works in Node.js and browsers, and after all promise callbacks. */
function eventLoopTurns(): { next(): Promise<void>; end(): void } {
  const { port1, port2 } = new MessageChannel()
  let turned: () => void = () => {}
  port1.onmessage = () => turned()
  return {
    next: () =>
      new Promise((resolve) => {
        turned = resolve
        port2.postMessage(null)
      }),
    end: () => port1.close()
  }
}
