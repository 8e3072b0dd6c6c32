/** Shows a spread slowly: on one machine an update is everywhere before an eye could see it. */

import { hopsOf, type Hop } from './hops.ts'
import type { Spread } from './wire.ts'

/** A hop as it is to be drawn: how far it has come, from 0 (not begun) to 1 (arrived). */
export interface Step extends Hop {
  readonly progress: number
}

const HOP_MS = 500

export class Replay {
  #spread: Spread | undefined
  #hops: readonly Hop[] = []
  /** When each node's hop begins. */
  readonly #begins = new Map<number, number>()
  #startMs = 0
  readonly #stepMs: number

  constructor(still: boolean) {
    this.#stepMs = still ? 0 : HOP_MS
  }

  get spread(): Spread | undefined {
    return this.#spread
  }

  /** Of several, the newest; the same again when it has come further. */
  show(spread: Spread, nowMs: number): void {
    const known = this.#spread
    if (known !== undefined && known.run === spread.run && known.id > spread.id) return
    if (known === undefined || known.run !== spread.run || known.id !== spread.id) {
      this.#startMs = nowMs
      this.#begins.clear()
    }
    this.#spread = spread
    this.#hops = hopsOf(spread)
    for (const { node, from, hop } of this.#hops) {
      if (this.#begins.has(node)) continue
      const ready = (this.#begins.get(from ?? -1) ?? this.#startMs - this.#stepMs) + this.#stepMs
      // What comes late, as after a cut, is shown when it comes.
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

  /** The hop of each node, and how far each has come. */
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

  /** A hop that is told of a second after the start is no part of the first wave. */
  #late(nowMs: number): number {
    return nowMs - this.#startMs > 1000 ? nowMs : this.#startMs
  }
}
