/**
 * Coded symbols: the exclusive or of the short ids that fall into each, and of their checksums (rateless IBLT, Yang et
 * al. 2024, section 4).
 *
 * Every id falls into symbol 0, and into symbol i with a chance of 1 / (1 + i / 2): as many symbols as two sets have
 * differences, and a bit more, always hold enough to find them, however many that is. So the first symbols are sent, and
 * more only when these did not do. A symbol keeps no count: one id alone is told by its checksum.
 */

import { mix } from './mix.ts'
import { wordAt, writeWord, type ShortIds } from './short-id.ts'

const CHECK_BYTES = 4

/** 2^16: the square root of the range of the rng. */
const ROOT_OF_RANGE = 65_536

export class CodedSymbols {
  readonly count: number
  readonly #ids: ShortIds
  readonly #words: Int32Array
  /** Words of one symbol: those of an id, then its checksum. */
  readonly #stride: number

  constructor(count: number, ids: ShortIds) {
    this.count = count
    this.#ids = ids
    this.#stride = (ids.bytes + CHECK_BYTES) / 4
    this.#words = new Int32Array(count * this.#stride)
  }

  /** The first `count` symbols, to be changed apart from these. */
  copy(count: number): CodedSymbols {
    const symbols = new CodedSymbols(count, this.#ids)
    symbols.#words.set(this.#words.subarray(0, count * this.#stride))
    return symbols
  }

  /** Puts the present id of `ids` in, or takes it out: both are the same. Returns how many symbols that touched. */
  toggle(): number {
    const words = this.#words
    const stride = this.#stride
    const [a, b, c, d] = this.#ids.words as unknown as readonly [number, number, number, number]
    const isLong = stride === 5
    const check = checkOf(a, b, c, d)
    // A Weyl sequence, scrambled: its start and its odd step are two halves of the id.
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
      // The inverse of the chance that the next symbol is beyond `index + gap`: see the paper, section 4.2.
      index +=
        1 + Math.floor((index + 1.5) * (ROOT_OF_RANGE / Math.sqrt((mix(state) >>> 0) + 1) - 1))
    }
    return touched
  }

  /** The bytes of `count` symbols from `first` on. */
  write(first: number, count: number): Uint8Array {
    const bytes = new Uint8Array(count * this.#stride * 4)
    const start = first * this.#stride
    for (let index = 0; 4 * index < bytes.length; index++)
      writeWord(bytes, 4 * index, this.#words[start + index]!)
    return bytes
  }

  /** Takes the symbols in `bytes`, as many as there are here, out of these. */
  subtract(bytes: Uint8Array): void {
    for (let index = 0; index < this.#words.length; index++)
      this.#words[index]! ^= wordAt(bytes, 4 * index)
  }

  /** Whether symbol `index` holds one id, or rarely an odd number that looks alike. Makes that the present id of `ids`. */
  isPure(index: number): boolean {
    const words = this.#words
    const at = index * this.#stride
    const isLong = this.#stride === 5
    const a = words[at]!
    const b = words[at + 1]!
    const c = isLong ? words[at + 2]! : 0
    const d = isLong ? words[at + 3]! : 0
    if (words[at + this.#stride - 1] !== checkOf(a, b, c, d)) return false
    const ids = this.#ids.words
    ids[0] = a
    ids[1] = b
    ids[2] = c
    ids[3] = d
    return true
  }

  /** Whether all symbols hold nothing, or what cancels out. */
  get isEmpty(): boolean {
    for (let index = 0; index < this.#words.length; index++)
      if (this.#words[index] !== 0) return false
    return true
  }
}

/** How many bytes one symbol takes. */
export function symbolBytes(ids: ShortIds): number {
  return ids.bytes + CHECK_BYTES
}

/** Not 0 for 0: an empty symbol is not pure. */
function checkOf(a: number, b: number, c: number, d: number): number {
  return mix(mix(mix(a ^ 0x9e3779b9) + b) ^ mix(c + Math.imul(d, 0x27d4eb2f)))
}

/** So few symbols are worth no exchange. */
export const LEAST_SYMBOLS = 6

/** So many symbols tell so many differences in nine of ten tries; see `benchmarks/src/reconciliation.ts`. */
export function symbolsFor(differences: number): number {
  return Math.max(LEAST_SYMBOLS, Math.ceil(1.35 * differences + 2 * Math.sqrt(differences) + 2))
}
