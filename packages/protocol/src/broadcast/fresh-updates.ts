/** The updates that were accepted and not spread yet: of one turn or, while there are no neighbors, of the last seconds. */

import type { FreshUpdate } from './bundles.ts'

/** How long updates wait for neighbors, as after a start. Rounds spread older ones. */
const MAX_WAITING_MS = 2000

/** How many updates may wait for neighbors. Rounds spread the others. */
const MAX_WAITING = 4096

export class FreshUpdates {
  /** While all updates together exceed this, no content is kept: digests are sent instead of contents. */
  readonly #maxBytes: number
  #updates: FreshUpdate[] = []
  #bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** When the first update came; Infinity when there is none. */
  get sinceMs(): number {
    return this.#updates[0]?.atMs ?? Infinity
  }

  /** `isWaiting` while there are no neighbors. */
  add(update: FreshUpdate, isWaiting: boolean): void {
    if (isWaiting) this.#forgetOld(update.atMs)
    this.#updates.push(update)
    if (isWaiting && this.#updates.length > MAX_WAITING) this.#bytes -= this.#updates.shift()!.bytes
    const wasBurst = this.#bytes > this.#maxBytes
    this.#bytes += update.bytes
    if (this.#bytes > this.#maxBytes)
      for (const each of wasBurst ? [update] : this.#updates) each.update = undefined
  }

  /** Removes and returns all updates. */
  take(nowMs: number): readonly FreshUpdate[] {
    this.#forgetOld(nowMs)
    const updates = this.#updates
    this.#updates = []
    this.#bytes = 0
    return updates
  }

  #forgetOld(nowMs: number): void {
    let old = 0
    for (; old < this.#updates.length && nowMs - this.#updates[old]!.atMs > MAX_WAITING_MS; old++)
      this.#bytes -= this.#updates[old]!.bytes
    if (old > 0) this.#updates.splice(0, old)
  }
}
