/**
 * What two nodes are known to differ in with no remedy: an update that expired at one and is active at the other. Left out
 * of comparisons with that peer, so that it is paid for once and not in every round.
 */

import type { Address } from '../peer.ts'
import type { ShortIdKey } from '../reconciliation/short-id.ts'

/** Guesses: what they do not hold costs symbols in each round, and nothing else. */
const MAX_PEERS = 64
const MAX_PER_PEER = 1024

const NONE: ReadonlySet<ShortIdKey> = new Set()

export class KnownDifferences {
  /** The peer that was longest quiet comes first. */
  readonly #ofPeers = new Map<Address, Set<ShortIdKey>>()

  /** How many are known, with all peers. */
  get size(): number {
    let size = 0
    for (const keys of this.#ofPeers.values()) size += keys.size
    return size
  }

  of(peer: Address): ReadonlySet<ShortIdKey> {
    return this.#ofPeers.get(peer) ?? NONE
  }

  add(peer: Address, key: ShortIdKey): void {
    const keys = this.#ofPeers.get(peer) ?? new Set()
    this.#ofPeers.delete(peer)
    this.#ofPeers.set(peer, keys)
    if (keys.size < MAX_PER_PEER) keys.add(key)
    if (this.#ofPeers.size > MAX_PEERS) this.#ofPeers.delete(this.#ofPeers.keys().next().value!)
  }

  /** The two are alike in this again; returns whether they were known to differ. */
  delete(peer: Address, key: ShortIdKey): boolean {
    const keys = this.#ofPeers.get(peer)
    if (keys === undefined || !keys.delete(key)) return false
    if (keys.size === 0) this.#ofPeers.delete(peer)
    return true
  }
}
