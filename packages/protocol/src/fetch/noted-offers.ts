/**
 * Notes offers that exceed the share of their peer while a request to it is open: once it has answered, its share is larger.
 * Noted offers are not pending requests, so another peer that offers the same is requested at once.
 */

import type { Address } from '../model/peer.ts'
import type { DigestKey } from '../model/update.ts'

const NO_KEYS: readonly DigestKey[] = []

export class NotedOffers {
  readonly #ofPeers = new Map<Address, Set<DigestKey>>()
  #size = 0

  /** The number of offers of all peers. */
  get size(): number {
    return this.#size
  }

  /** Returns the number of offers of `peer`. */
  of(peer: Address): number {
    return this.#ofPeers.get(peer)?.size ?? 0
  }

  add(key: DigestKey, from: Address): void {
    let keys = this.#ofPeers.get(from)
    if (keys === undefined) this.#ofPeers.set(from, (keys = new Set()))
    if (!keys.has(key)) this.#size++
    keys.add(key)
  }

  /** Removes and returns up to `count` offers of `from`, in order. */
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

  /** Removes the offers of `from`, and returns how many there were. */
  drop(from: Address): number {
    const count = this.of(from)
    this.#ofPeers.delete(from)
    this.#size -= count
    return count
  }
}
