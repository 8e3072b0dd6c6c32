/**
 * Peers that could not be reached. Once dropped: a tombstone against rumours of them, and somebody to try again.
 *
 * In a group smaller than the view nothing ever pushes a dead entry out, so other nodes hand it back for ever; and two
 * halves that forgot one another never meet again. Not in the paper: its nodes know who is alive.
 */
import type { Address, Peer } from '../peer.ts'
import type { SamplingConfig } from './config.ts'

export class PeerMemory {
  readonly #config: SamplingConfig
  /** Sends in a row that failed, for entries of the view. */
  readonly #failures = new Map<Address, number>()
  /** When each was dropped; the one to be tried next comes first. */
  readonly #droppedAtMs = new Map<Address, number>()

  constructor(config: SamplingConfig) {
    this.#config = config
  }

  /** How many dropped peers are remembered. */
  get size(): number {
    return this.#droppedAtMs.size
  }

  addresses(): Address[] {
    return [...this.#droppedAtMs.keys()]
  }

  /** Counts a failed send to an entry of the view; says whether that was one too many, and the peer is to be dropped. */
  failed(address: Address, nowMs: number): boolean {
    const failures = (this.#failures.get(address) ?? 0) + 1
    this.#failures.set(address, failures)
    if (failures < this.#config.maxFailedSends) return false
    this.#failures.delete(address)
    const { maxPastPeers } = this.#config
    if (this.#droppedAtMs.size >= maxPastPeers)
      this.#droppedAtMs.delete(this.#droppedAtMs.keys().next().value!)
    if (maxPastPeers > 0) this.#droppedAtMs.set(address, nowMs)
    return true
  }

  /** Failures count for entries of the view only: those for which `has` holds. */
  forgetFailuresUnless(has: (address: Address) => boolean): void {
    for (const address of this.#failures.keys()) if (!has(address)) this.#failures.delete(address)
  }

  /** It was heard from, so it lives. */
  heard(address: Address): void {
    this.#failures.delete(address)
    this.#droppedAtMs.delete(address)
  }

  /**
   * Whether an entry that another node passed on may be believed: not when it may be older than our own failure to
   * reach its owner. Each exchange adds one to an age and nodes open one per period, so an entry of age a was vouched
   * for at most a periods ago; two more allow for jitter and for the round that had not come yet.
   */
  believes(peer: Peer, nowMs: number): boolean {
    const droppedAtMs = this.#droppedAtMs.get(peer.address)
    return droppedAtMs === undefined || (peer.age + 2) * this.#config.periodMs < nowMs - droppedAtMs
  }

  /** The past peer to try now, each in its turn. */
  next(nowMs: number): Address | undefined {
    for (const [address, droppedAtMs] of this.#droppedAtMs) {
      this.#droppedAtMs.delete(address)
      if (nowMs - droppedAtMs >= this.#config.pastPeerMs) continue
      this.#droppedAtMs.set(address, droppedAtMs)
      return address
    }
    return undefined
  }
}
