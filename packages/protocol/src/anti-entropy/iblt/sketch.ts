/** A sketch: the coded symbols of a set of digests, updated with each change, and compared with that of another node. */

import { symbolBytes, CodedSymbols } from './coded-symbols.ts'
import { writeWord, type ShortId, type ShortIds } from './short-id.ts'

/**
 * How many symbols are hashed into the fingerprint. An attacker that forges two sets with equal fingerprints must make all of
 * these symbols equal.
 */
export const FINGERPRINT_SYMBOLS = 128
const FINGERPRINT_BYTES = 16

export class Sketch {
  readonly ids: ShortIds
  #count = 0
  readonly #symbols: CodedSymbols

  /** With `symbols` symbols, at least {@link FINGERPRINT_SYMBOLS}; `ids` may be shared. */
  constructor(ids: ShortIds, symbols: number) {
    this.ids = ids
    this.#symbols = new CodedSymbols(symbols, ids)
  }

  /** How many digests the sketch contains. */
  get count(): number {
    return this.#count
  }

  get symbolCount(): number {
    return this.#symbols.count
  }

  /** Adds the digest at `at` of `block`, which must not be in the sketch. Returns its short id. */
  insert(block: Uint8Array, at: number = 0): ShortId {
    this.#count++
    const id = this.ids.ofDigest(block, at)
    this.#symbols.toggle(id)
    return id
  }

  /** Removes the digest at `at` of `block`, which must be in the sketch. */
  remove(block: Uint8Array, at: number = 0): void {
    this.#count--
    this.#symbols.toggle(this.ids.ofDigest(block, at))
  }

  /** Returns a copy of the first `count` symbols. */
  copy(count: number): CodedSymbols {
    return this.#symbols.copy(count)
  }

  /** Returns the bytes of `count` symbols from `first` on, or of as many as there are. */
  write(first: number, count: number): Uint8Array {
    const start = Math.min(first, this.symbolCount)
    return this.#symbols.write(start, Math.min(count, this.symbolCount - start))
  }
}

/** Returns the fingerprint of a set of `count` digests: 16 bytes that are equal for equal sets, and otherwise different. */
export function fingerprintOf(
  count: number,
  symbols: CodedSymbols,
  hash: (bytes: Uint8Array) => Uint8Array
): Uint8Array {
  const coded = symbols.write(0, FINGERPRINT_SYMBOLS)
  const bytes = new Uint8Array(4 + coded.length)
  writeWord(bytes, 0, count)
  bytes.set(coded, 4)
  return hash(bytes).slice(0, FINGERPRINT_BYTES)
}

/** Returns the number of symbols in `bytes`; undefined if it is not an integer. */
export function countSymbols(bytes: Uint8Array, ids: ShortIds): number | undefined {
  return bytes.length % symbolBytes(ids) === 0 ? bytes.length / symbolBytes(ids) : undefined
}
