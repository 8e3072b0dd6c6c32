/** Replays the spread of an update in slow motion, because on one machine it is too fast to see. */

import { hopsOf, type Hop } from './hops.ts'
import type { Spread } from './wire.ts'

/** A hop to draw, with its progress from 0 (not begun) to 1 (arrived). */
export interface Step extends Hop {
  readonly progress: number
}

const HOP_MS = 500

export class Replay {
  #spread: Spread | undefined
  #hops: readonly Hop[] = []
  /** The start of the hop to each node. */
  readonly #begins = new Map<number, number>()
  #startMs = 0
  readonly #stepMs: number

  constructor(still: boolean) {
    this.#stepMs = still ? 0 : HOP_MS
  }

  get spread(): Spread | undefined {
    return this.#spread
  }

  /** Shows a spread: a newer update, or the progress of the same one. */
  show(spread: Spread, nowMs: number): void {
    const current = this.#spread
    if (current !== undefined && current.run === spread.run && current.id > spread.id) return
    if (current === undefined || current.run !== spread.run || current.id !== spread.id) {
      this.#startMs = nowMs
      this.#begins.clear()
    }
    this.#spread = spread
    this.#hops = hopsOf(spread)
    for (const { node, from, hop } of this.#hops) {
      if (this.#begins.has(node)) continue
      const ready = (this.#begins.get(from ?? -1) ?? this.#startMs - this.#stepMs) + this.#stepMs
      // Late arrivals, as after a cut, are shown when they happen.
      this.#begins.set(
        node,
        hop === 1 ? Math.max(this.#startMs, this.#late(nowMs)) : Math.max(ready, this.#late(nowMs))
      )
    }
  }

  forget(): void {
    this.#spread = undefined
    this.#hops = []
    this.#begins.clear()
  }

  /** Returns the hop to each node, with its progress. */
  steps(nowMs: number): Step[] {
    return this.#hops.map((hop) => ({ ...hop, progress: this.#progress(hop.node, nowMs) }))
  }

  isMoving(nowMs: number): boolean {
    return this.#hops.some(({ node }) => this.#progress(node, nowMs) < 1)
  }

  #progress(node: number, nowMs: number): number {
    const sinceMs = nowMs - this.#begins.get(node)!
    if (this.#stepMs === 0) return 1
    return Math.min(1, Math.max(0, sinceMs / this.#stepMs))
  }

  /** Returns the earliest start of a hop that is reported now: the start of the replay, or now if that was over a second ago. */
  #late(nowMs: number): number {
    return nowMs - this.#startMs > 1000 ? nowMs : this.#startMs
  }
}
