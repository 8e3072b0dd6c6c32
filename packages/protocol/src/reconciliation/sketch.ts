/** A set of digests as symbols: kept up to date digest by digest, and compared with that of another node. */

import { symbolBytes, CodedSymbols } from './coded-symbols.ts'
import { writeWord, type ShortIds } from './short-id.ts'

/**
 * The fingerprint is a hash of so many symbols. To make two sets look alike on purpose, all of them must agree: more
 * equations than a store holds updates.
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

  /** How many digests are in. */
  get count(): number {
    return this.#count
  }

  get symbolCount(): number {
    return this.#symbols.count
  }

  /** Puts the digest at `at` of `block` in; it must be out. */
  insert(block: Uint8Array, at: number = 0): void {
    this.#count++
    this.ids.ofDigest(block, at)
    this.#symbols.toggle()
  }

  /** Takes the digest at `at` of `block` out; it must be in. */
  remove(block: Uint8Array, at: number = 0): void {
    this.#count--
    this.ids.ofDigest(block, at)
    this.#symbols.toggle()
  }

  /** The first `count` symbols, to be changed apart from these. */
  copy(count: number): CodedSymbols {
    return this.#symbols.copy(count)
  }

  /** The bytes of `count` symbols from `first` on; fewer when there are fewer. */
  write(first: number, count: number): Uint8Array {
    const start = Math.min(first, this.symbolCount)
    return this.#symbols.write(start, Math.min(count, this.symbolCount - start))
  }
}

/** 16 bytes for a set of `count` digests: of equal sets equal, of others different. */
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

/** How many whole symbols `bytes` are; undefined when they are none. */
export function countSymbols(bytes: Uint8Array, ids: ShortIds): number | undefined {
  return bytes.length % symbolBytes(ids) === 0 ? bytes.length / symbolBytes(ids) : undefined
}
