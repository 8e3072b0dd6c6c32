/**
 * Coded symbols: each is the exclusive or of the short ids mapped to it, and of their checksums (rateless IBLT, Yang et al.
 * 2024, section 4).
 *
 * Every id is mapped to symbol 0, and to symbol i with probability 1 / (1 + i / 2). So the first symbols, a few more than two
 * sets have differences, are enough to find these, however many there are. More are sent only if the first ones do not
 * decode. A symbol has no count: its checksum shows whether it holds a single id.
 */

import { mix } from './mix.ts'
import { wordAt, writeWord, type ShortId, type ShortIds } from './short-id.ts'

const CHECK_BYTES = 4

/** 2^16: the square root of the range of the rng. */
const ROOT_OF_RANGE = 65_536

export class CodedSymbols {
  readonly count: number
  readonly #ids: ShortIds
  readonly #words: Int32Array
  /** The number of words of one symbol: those of an id, then its checksum. */
  readonly #stride: number

  constructor(count: number, ids: ShortIds) {
    this.count = count
    this.#ids = ids
    this.#stride = (ids.bytes + CHECK_BYTES) / 4
    this.#words = new Int32Array(count * this.#stride)
  }

  /** Returns a copy of the first `count` symbols. */
  copy(count: number): CodedSymbols {
    const symbols = new CodedSymbols(count, this.#ids)
    symbols.#words.set(this.#words.subarray(0, count * this.#stride))
    return symbols
  }

  /** Adds an id, or removes it, which is the same operation. Returns how many symbols changed. */
  toggle({ a, b, c, d }: ShortId): number {
    const words = this.#words
    const stride = this.#stride
    const isLong = stride === 5
    const check = checkOf(a, b, c, d)
    // A scrambled Weyl sequence: its start and its odd step come from two halves of the id.
    let state = mix(a ^ c ^ 0x2545f491)
    const step = (b ^ d) | 1
    let touched = 0
    for (let index = 0; index < this.count; touched++) {
      let at = index * stride
      words[at++]! ^= a
      words[at++]! ^= b
      if (isLong) {
        words[at++]! ^= c
        words[at++]! ^= d
      }
      words[at]! ^= check
      state = (state + step) | 0
      // The inverse of the probability that the next symbol is beyond `index + gap`: see the paper, section 4.2.
      index +=
        1 + Math.floor((index + 1.5) * (ROOT_OF_RANGE / Math.sqrt((mix(state) >>> 0) + 1) - 1))
    }
    return touched
  }

  /** Returns the bytes of `count` symbols from `first` on. */
  write(first: number, count: number): Uint8Array {
    const bytes = new Uint8Array(count * this.#stride * 4)
    const start = first * this.#stride
    for (let index = 0; 4 * index < bytes.length; index++)
      writeWord(bytes, 4 * index, this.#words[start + index]!)
    return bytes
  }

  /** Subtracts the symbols in `bytes`, of which there must be as many as here. */
  subtract(bytes: Uint8Array): void {
    for (let index = 0; index < this.#words.length; index++)
      this.#words[index]! ^= wordAt(bytes, 4 * index)
  }

  /**
   * Returns the id of symbol `index` if it holds a single one. Rarely returns one for an odd number of ids whose checksums
   * happen to match.
   */
  pureAt(index: number): ShortId | undefined {
    const words = this.#words
    const at = index * this.#stride
    const isLong = this.#stride === 5
    const a = words[at]!
    const b = words[at + 1]!
    const c = isLong ? words[at + 2]! : 0
    const d = isLong ? words[at + 3]! : 0
    if (words[at + this.#stride - 1] !== checkOf(a, b, c, d)) return undefined
    return { a, b, c, d }
  }

  /** Whether all symbols are zero. */
  get isEmpty(): boolean {
    for (let index = 0; index < this.#words.length; index++)
      if (this.#words[index] !== 0) return false
    return true
  }
}

/** Returns the bytes of one symbol. */
export function symbolBytes(ids: ShortIds): number {
  return ids.bytes + CHECK_BYTES
}

/** Returns the checksum of an id. It is not 0 for the id 0, so that an empty symbol is not pure. */
function checkOf(a: number, b: number, c: number, d: number): number {
  return mix(mix(mix(a ^ 0x9e3779b9) + b) ^ mix(c + Math.imul(d, 0x27d4eb2f)))
}

/** The fewest symbols that are worth an exchange. */
export const LEAST_SYMBOLS = 6

/** Returns how many symbols decode `differences` differences in nine of ten cases; see `lab/bench/src/reconciliation.ts`. */
export function symbolsFor(differences: number): number {
  return Math.max(LEAST_SYMBOLS, Math.ceil(1.35 * differences + 2 * Math.sqrt(differences) + 2))
}
