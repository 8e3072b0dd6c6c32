/** Names of records that are on disk, and a fingerprint of all of them, which shows when the database lost some. */

import type { Digest } from '@rumormill/protocol'

export class Names {
  readonly #names = new Set<Digest>()
  #high = 0
  #low = 0

  has(name: Digest): boolean {
    return this.#names.has(name)
  }

  /** Whether it was not there. */
  add(name: Digest): boolean {
    if (this.#names.has(name)) return false
    this.#names.add(name)
    this.#toggle(name)
    return true
  }

  /** Whether it was there. */
  delete(name: Digest): boolean {
    if (!this.#names.delete(name)) return false
    this.#toggle(name)
    return true
  }

  [Symbol.iterator](): IterableIterator<Digest> {
    return this.#names.values()
  }

  get size(): number {
    return this.#names.size
  }

  /** The same for the same names, in any order: digests are as good as random, so that others give another. */
  get fingerprint(): string {
    return `${this.#names.size} ${(this.#high >>> 0).toString(16)} ${(this.#low >>> 0).toString(16)}`
  }

  #toggle(name: Digest): void {
    this.#high ^= Number.parseInt(name.slice(0, 8), 16)
    this.#low ^= Number.parseInt(name.slice(8, 16), 16)
  }
}
