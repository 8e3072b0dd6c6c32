/**
 * Offers beyond the share of their peer, noted while a request to it is open: once it has answered, its share is larger.
 * They are not wanted yet: whoever offers the same is asked.
 */

import type { Address } from '../peer.ts'
import type { DigestKey } from '../update.ts'

const NO_KEYS: readonly DigestKey[] = []

export class NotedOffers {
  readonly #ofPeers = new Map<Address, Set<DigestKey>>()
  #size = 0

  /** Offers of all peers. */
  get size(): number {
    return this.#size
  }

  of(peer: Address): number {
    return this.#ofPeers.get(peer)?.size ?? 0
  }

  add(key: DigestKey, from: Address): void {
    let keys = this.#ofPeers.get(from)
    if (keys === undefined) this.#ofPeers.set(from, (keys = new Set()))
    if (!keys.has(key)) this.#size++
    keys.add(key)
  }

  /** Takes up to `count` offers of `from`, in order. */
  take(from: Address, count: number): readonly DigestKey[] {
    const keys = this.#ofPeers.get(from)
    if (keys === undefined || count <= 0) return NO_KEYS
    const taken: DigestKey[] = []
    for (const key of keys) {
      if (taken.length >= count) break
      keys.delete(key)
      taken.push(key)
    }
    this.#size -= taken.length
    if (keys.size === 0) this.#ofPeers.delete(from)
    return taken
  }

  /** Forgets the offers of `from`. Returns how many there were. */
  drop(from: Address): number {
    const count = this.of(from)
    this.#ofPeers.delete(from)
    this.#size -= count
    return count
  }
}
