/** How many copies of an update arrive at a node for each that is news to it, sampled over time. */

import type { Seat } from '../demo/group.ts'

/** Seconds since the start, and copies for each delivery since the sample before. */
export type RedundancyPoint = readonly [atSeconds: number, copies: number]

interface Counted {
  readonly life: number
  readonly copies: number
  readonly delivered: number
}

const MAX_POINTS = 200

export class Redundancy {
  readonly #startMs: number
  readonly #before = new Map<number, Counted>()
  readonly #points: RedundancyPoint[] = []

  constructor(nowMs: number) {
    this.#startMs = nowMs
  }

  /** The last points, the newest last. */
  get points(): readonly RedundancyPoint[] {
    return this.#points
  }

  /** Takes what the seats have last told; the new point, unless nothing was delivered. Nodes begin at 0 in each life. */
  sample(seats: readonly Seat[], nowMs: number): RedundancyPoint | undefined {
    let copies = 0
    let delivered = 0
    for (const { number, life, sight } of seats) {
      if (sight === undefined) continue
      const before = this.#before.get(number)
      const since = before?.life === life ? before : { copies: 0, delivered: 0 }
      copies += sight.copies - since.copies
      delivered += sight.delivered - since.delivered
      this.#before.set(number, { life, copies: sight.copies, delivered: sight.delivered })
    }
    if (delivered === 0) return undefined
    const point = [Math.round((nowMs - this.#startMs) / 100) / 10, copies / delivered] as const
    this.#points.push(point)
    if (this.#points.length > MAX_POINTS) this.#points.shift()
    return point
  }
}
