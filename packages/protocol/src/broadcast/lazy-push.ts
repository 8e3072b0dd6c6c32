/** Lazy push: after an update was pushed, its digest is sent to neighbors that a broken branch may have left out. */

import type { Address } from '../model/peer.ts'
import type { UpdateTrace } from './seen-by.ts'

/** The most updates that wait for a lazy push. Rounds repair what is missed because of this limit. */
const MAX_LAZY = 4096

/** One of two stages. */
interface Stage {
  readonly afterMs: number
  /**
   * In the first stage a node sends only to neighbors with a higher address. Of two that have an update, the one with the
   * lower address thus sends first, and the other need not send in the second stage.
   */
  readonly isFirst: boolean
  /** In order of time. */
  readonly waiting: { readonly trace: UpdateTrace; readonly dueMs: number }[]
}

/** Updates whose digests are due, for the neighbors that `concerns` names. */
export interface DueDigests {
  readonly traces: readonly UpdateTrace[]
  readonly concerns: (peer: Address) => boolean
}

export class LazyPush {
  readonly #self: Address
  readonly #lazyMs: number
  readonly #stages: readonly Stage[]

  /** Does nothing when `lazyMs` is not shorter than the time between rounds, which find what was missed. */
  constructor(self: Address, lazyMs: number, roundsMs: number) {
    this.#self = self
    this.#lazyMs = lazyMs
    this.#stages = (lazyMs < roundsMs ? [true, false] : []).map((isFirst) => ({
      isFirst,
      afterMs: (isFirst ? 1 : 2) * lazyMs,
      waiting: []
    }))
  }

  /** When {@link take} returns something. */
  get dueMs(): number {
    let dueMs = Infinity
    for (const { waiting } of this.#stages) dueMs = Math.min(dueMs, waiting[0]?.dueMs ?? Infinity)
    return dueMs
  }

  /** Notes that an update was pushed. */
  add(nowMs: number, trace: UpdateTrace): void {
    for (const { waiting, afterMs } of this.#stages) {
      waiting.push({ trace, dueMs: nowMs + afterMs })
      if (waiting.length > MAX_LAZY) waiting.shift()
    }
  }

  /** Removes and returns the updates that are due, with those that will be soon, to save messages. */
  take(nowMs: number): DueDigests[] {
    return this.#stages.flatMap(({ isFirst, waiting }) => {
      if ((waiting[0]?.dueMs ?? Infinity) > nowMs) return []
      const later = waiting.findIndex(({ dueMs }) => dueMs > nowMs + this.#lazyMs / 2)
      const due = waiting.splice(0, later < 0 ? waiting.length : later)
      const concerns = (peer: Address): boolean => !isFirst || peer > this.#self
      return [{ traces: due.map(({ trace }) => trace), concerns }]
    })
  }
}
