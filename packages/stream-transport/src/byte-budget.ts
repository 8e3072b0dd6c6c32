/** A bound on bytes held over all connections of a transport. */

/** Someone who holds bytes, and can be told to let go of them. */
export interface Holder {
  /** Called when others need the room: the bytes must be let go of before this returns. */
  evict(): void
}

/**
 * Counts held bytes. When the room is used up, whoever has held some for longest without progress pays: a peer that dribbles,
 * or does not read, keeps nobody else from being heard.
 */
export class ByteBudget {
  readonly #limitBytes: number
  /** The one without progress for longest first. */
  readonly #held = new Map<Holder, number>()
  #bytes = 0

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes
  }

  /** Held now. */
  get bytes(): number {
    return this.#bytes
  }

  /** `holder` holds `bytes` from now on. Never evicts `holder` itself; one frame always fits (configuration sees to it). */
  hold(holder: Holder, bytes: number): void {
    this.#bytes += bytes - (this.#held.get(holder) ?? 0)
    this.#held.set(holder, bytes)
    if (this.#bytes <= this.#limitBytes) return
    for (const oldest of this.#held.keys()) {
      if (this.#bytes <= this.#limitBytes) return
      if (oldest !== holder) oldest.evict()
    }
  }

  /** Whether `holder` would have to pay itself if it held `moreBytes` more. */
  isFullFor(holder: Holder, moreBytes: number): boolean {
    if (this.#bytes + moreBytes <= this.#limitBytes) return false
    for (const oldest of this.#held.keys()) return oldest === holder
    return true
  }

  /** `holder` has got rid of something: all others have now been without progress for longer. */
  progressed(holder: Holder, bytes: number): void {
    this.release(holder)
    if (bytes > 0) this.hold(holder, bytes)
  }

  /** `holder` holds nothing any more. */
  release(holder: Holder): void {
    this.#bytes -= this.#held.get(holder) ?? 0
    this.#held.delete(holder)
  }
}
