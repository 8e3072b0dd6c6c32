/**
 * Peers that were dropped as unreachable: a tombstone against rumours of them, and somebody to try again.
 *
 * In a group smaller than the view nothing ever pushes a dead entry out, so other nodes hand it back for ever; and two
 * halves that forgot one another never meet again. Not in the paper: its nodes know who is alive.
 */
import type { Address, Peer } from '../peer.ts'

export class PeerMemory {
  readonly #capacity: number
  readonly #keepMs: number
  readonly #periodMs: number
  /** When each was dropped; the one to be tried next comes first. */
  readonly #droppedAtMs = new Map<Address, number>()

  /** Remembers up to `capacity` peers for `keepMs`; `periodMs` is the group's sampling period. */
  constructor(capacity: number, keepMs: number, periodMs: number) {
    this.#capacity = capacity
    this.#keepMs = keepMs
    this.#periodMs = periodMs
  }

  get size(): number {
    return this.#droppedAtMs.size
  }

  remember(address: Address, nowMs: number): void {
    if (this.#capacity === 0) return
    if (this.#droppedAtMs.size >= this.#capacity) this.forget(this.#droppedAtMs.keys().next().value!)
    this.#droppedAtMs.set(address, nowMs)
  }

  /** It was heard from, so it lives. */
  forget(address: Address): void {
    this.#droppedAtMs.delete(address)
  }

  /**
   * Whether an entry that another node passed on may be believed: not when it may be older than our own failure to
   * reach its owner. Each exchange adds one to an age and nodes open one per period, so an entry of age a was vouched
   * for at most a periods ago; two more allow for jitter and for the round that had not come yet.
   */
  believes(peer: Peer, nowMs: number): boolean {
    const droppedAtMs = this.#droppedAtMs.get(peer.address)
    return droppedAtMs === undefined || (peer.age + 2) * this.#periodMs < nowMs - droppedAtMs
  }

  /** The past peer to try now, each in its turn. */
  next(nowMs: number): Address | undefined {
    for (const [address, droppedAtMs] of this.#droppedAtMs) {
      this.#droppedAtMs.delete(address)
      if (nowMs - droppedAtMs >= this.#keepMs) continue
      this.#droppedAtMs.set(address, droppedAtMs)
      return address
    }
    return undefined
  }
}
