/**
 * Lasting differences to each peer: updates that have expired on one of the two nodes and are active on the other. Later
 * comparisons with that peer leave them out, so that they cost symbols once and not in every round.
 */

import { setBounded } from '../model/bounded-map.ts'
import type { Address } from '../model/peer.ts'
import type { ShortIdKey } from './iblt/short-id.ts'

/** Guesses. Differences beyond these limits only cost symbols in each round. */
const MAX_PEERS = 64
const MAX_PER_PEER = 1024

const NONE: ReadonlySet<ShortIdKey> = new Set()

export class KnownDifferences {
  /** The peer whose last difference was added longest ago comes first. */
  readonly #ofPeers = new Map<Address, Set<ShortIdKey>>()

  /** The number of differences, with all peers together. */
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
    if (keys.size < MAX_PER_PEER) keys.add(key)
    setBounded(this.#ofPeers, peer, keys, MAX_PEERS)
  }

  /** Removes a difference that is gone. Returns whether it was kept here. */
  delete(peer: Address, key: ShortIdKey): boolean {
    const keys = this.#ofPeers.get(peer)
    if (keys === undefined || !keys.delete(key)) return false
    if (keys.size === 0) this.#ofPeers.delete(peer)
    return true
  }
}
