/** A clock that stands still until a test moves it: an hour passes in a moment, always in the same order. */
import type { Clock } from '@rumormill/protocol'

export interface ManualClock extends Clock {
  /**
   * Lets `ms` milliseconds pass. Wakes fire in order of time, then of registration, each followed by everything that
   * promises set off; a wake registered on the way fires too when it is due within the span.
   */
  advance(ms: number): Promise<void>
  /** Wakes registered and neither fired nor cancelled. */
  readonly pendingWakes: number
}

interface Wake {
  readonly atMs: number
  readonly wake: () => void
}

/** A manual clock that shows `startMs`. */
export function manualClock(startMs: number = 0): ManualClock {
  let nowMs = startMs
  const wakes: Wake[] = []
  const next = (): Wake | undefined => {
    let first: Wake | undefined
    for (const each of wakes) if (first === undefined || each.atMs < first.atMs) first = each
    return first
  }
  const remove = (wake: Wake): void => {
    const index = wakes.indexOf(wake)
    if (index >= 0) wakes.splice(index, 1)
  }
  return {
    now: () => nowMs,
    wakeAt: (atMs, wake) => {
      const entry = { atMs, wake }
      wakes.push(entry)
      return () => remove(entry)
    },
    get pendingWakes() {
      return wakes.length
    },
    advance: async (ms) => {
      const endMs = nowMs + ms
      const turns = eventLoopTurns()
      await turns.next()
      for (let due = next(); due !== undefined && due.atMs <= endMs; due = next()) {
        remove(due)
        nowMs = Math.max(nowMs, due.atMs)
        due.wake()
        await turns.next()
      }
      nowMs = endMs
      turns.end()
    }
  }
}

/** A turn of the event loop runs every promise callback to its end; a message port gives one in Node and browsers alike. */
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
