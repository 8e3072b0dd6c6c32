/** A limit on the bytes held over all connections of a transport. */

/** A holder of bytes that can be evicted. */
export interface Holder {
  /** Is called when another holder needs the capacity. Must release all bytes before it returns. */
  evict(): void
}

/**
 * Counts held bytes. When the limit is exceeded, the holder without progress for longest is evicted, so that a peer that
 * sends slowly or does not read cannot block the others.
 */
export class ByteBudget {
  readonly #limitBytes: number
  /** The bytes of each holder; the holder without progress for longest comes first. */
  readonly #held = new Map<Holder, number>()
  #bytes = 0

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes
  }

  /** All bytes held now. */
  get bytes(): number {
    return this.#bytes
  }

  /** Sets how much `holder` holds. Never evicts `holder` itself; the checked options make sure that one frame always fits. */
  hold(holder: Holder, bytes: number): void {
    this.#bytes += bytes - (this.#held.get(holder) ?? 0)
    this.#held.set(holder, bytes)
    if (this.#bytes <= this.#limitBytes) return
    for (const oldest of this.#held.keys()) {
      if (this.#bytes <= this.#limitBytes) return
      if (oldest !== holder) oldest.evict()
    }
  }

  /** Returns whether `moreBytes` more exceed the limit while `holder` is the next one to evict. */
  isFullFor(holder: Holder, moreBytes: number): boolean {
    if (this.#bytes + moreBytes <= this.#limitBytes) return false
    for (const oldest of this.#held.keys()) return oldest === holder
    return true
  }

  /** Notes progress of `holder`, which now holds `bytes`: it becomes the last one to evict. */
  progressed(holder: Holder, bytes: number): void {
    this.release(holder)
    if (bytes > 0) this.hold(holder, bytes)
  }

  /** Removes `holder`. */
  release(holder: Holder): void {
    this.#bytes -= this.#held.get(holder) ?? 0
    this.#held.delete(holder)
  }
}
