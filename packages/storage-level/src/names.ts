/** A set of digests that have a record on disk, with a fingerprint that shows whether the database has lost some. */

import type { Digest } from '@rumormill/protocol/plugin'

export class Names {
  readonly #names = new Set<Digest>()
  #high = 0
  #low = 0

  has(name: Digest): boolean {
    return this.#names.has(name)
  }

  /** Adds a name. Returns false if it was there. */
  add(name: Digest): boolean {
    if (this.#names.has(name)) return false
    this.#names.add(name)
    this.#toggle(name)
    return true
  }

  /** Removes a name. Returns whether it was there. */
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

  /** The count and the exclusive or of parts of all names. It differs for other names, because digests are as good as random. */
  get fingerprint(): string {
    return `${this.#names.size} ${(this.#high >>> 0).toString(16)} ${(this.#low >>> 0).toString(16)}`
  }

  #toggle(name: Digest): void {
    this.#high ^= Number.parseInt(name.slice(0, 8), 16)
    this.#low ^= Number.parseInt(name.slice(8, 16), 16)
  }
}
