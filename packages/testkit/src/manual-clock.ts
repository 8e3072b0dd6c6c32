/** A clock that stands still until a test moves it: an hour passes in a moment, always in the same order. */

import type { Clock } from '@rumormill/protocol'

export interface ManualClock extends Clock {
  /**
   * Lets `ms` milliseconds pass. Wakes fire one after the other, in order of time, then of registration; one that is
   * registered on the way and due within the span fires too. Before the first wake and after each one comes a turn of
   * the event loop, which runs every promise callback to its end; work that waits for the outside (sockets, real
   * timers, workers) is not waited for. Calls made at once take turns. Rejects with what a wake throws; time then
   * stands at that wake.
   */
  advance(ms: number): Promise<void>
  /** Like {@link advance}, up to the time `atMs`, which must not lie in the past. */
  advanceTo(atMs: number): Promise<void>
  /** Wakes registered and neither fired nor cancelled. */
  readonly pendingWakes: number
}

/** A manual clock that shows `startMs`. */
export function manualClock(startMs: number = 0): ManualClock {
  const wakes = new WakeQueue()
  let nowMs = startMs
  let advanced: Promise<void> = Promise.resolve()
  const run = async (endMs: number): Promise<void> => {
    if (!(endMs >= nowMs)) throw new RangeError(`time does not go from ${nowMs} to ${endMs}`)
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

/** Wakes sorted with the next one last, so that taking it moves nothing. */
class WakeQueue {
  readonly #wakes: Wake[] = []
  #registered = 0

  get size(): number {
    return this.#wakes.length
  }

  /** Returns what cancels it. */
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

  /** Where `wake` is, or belongs: the first place whose wake does not fire after it. */
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

/** A message port gives turns of the event loop in Node and browsers alike, and never sooner than promises settle. */
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
