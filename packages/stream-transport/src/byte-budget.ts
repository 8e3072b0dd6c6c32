/** A limit on the bytes held over all connections of a transport. */

/** A holder of bytes that can be evicted. */
export interface Holder {
  /** How many bytes it holds. Only the budget may set this; it begins with 0. */
  heldBytes: number
  /** Is called when another holder needs the capacity. Must release all bytes before it returns. */
  evict(): void
}

/**
 * Counts held bytes. When the limit is exceeded, the holder without progress for longest is evicted, so that a peer that
 * sends slowly or does not read cannot block the others.
 */
export class ByteBudget {
  readonly #limitBytes: number
  /** Who holds bytes; the holder without progress for longest comes first. */
  readonly #holders = new Set<Holder>()
  #bytes = 0

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes
  }

  /** All bytes held now. */
  get bytes(): number {
    return this.#bytes
  }

  /** Sets how much `holder` holds, at least one byte. Never evicts `holder` itself; the checked options make sure that one frame always fits. */
  hold(holder: Holder, bytes: number): void {
    if (holder.heldBytes === 0) this.#holders.add(holder)
    this.#bytes += bytes - holder.heldBytes
    holder.heldBytes = bytes
    if (this.#bytes <= this.#limitBytes) return
    for (const oldest of this.#holders) {
      if (this.#bytes <= this.#limitBytes) return
      if (oldest !== holder) oldest.evict()
    }
  }

  /** Returns whether `moreBytes` more exceed the limit while `holder` is the next one to evict. */
  isFullFor(holder: Holder, moreBytes: number): boolean {
    if (this.#bytes + moreBytes <= this.#limitBytes) return false
    for (const oldest of this.#holders) return oldest === holder
    return true
  }

  /** Notes progress of `holder`, which now holds `bytes`: it becomes the last one to evict. */
  progressed(holder: Holder, bytes: number): void {
    this.release(holder)
    if (bytes > 0) this.hold(holder, bytes)
  }

  /** Removes `holder`. */
  release(holder: Holder): void {
    this.#bytes -= holder.heldBytes
    holder.heldBytes = 0
    this.#holders.delete(holder)
  }
}
