/** The bound on bytes held for frames that have begun but are not whole, over all connections of a transport. */

/** Someone who holds part of a frame, and can be told to let go of it. */
export interface Holder {
  /** Called when others need the room: the part must be dropped before this returns. */
  evict(): void
}

/**
 * Counts held bytes. When the room is used up, the frame begun longest ago pays: a peer that dribbles keeps nobody else
 * from being heard.
 */
export class PartialBudget {
  readonly #limitBytes: number
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

  /** `holder` holds nothing any more. */
  release(holder: Holder): void {
    this.#bytes -= this.#held.get(holder) ?? 0
    this.#held.delete(holder)
  }
}
