/** Samples the redundancy: how many copies of an update a node receives per delivery. */

import type { Seat } from '../demo/group.ts'

/** Seconds since the start, and copies per delivery since the previous sample. */
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

  /** The latest points, the newest last. */
  get points(): readonly RedundancyPoint[] {
    return this.#points
  }

  /** Returns a new point from the figures of the seats, unless nothing was delivered. A restarted node counts from 0. */
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
