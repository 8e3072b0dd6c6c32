/** A set of digests as cells: kept up to date digest by digest, and compared with that of another node. */

import { cellBytes, Cells } from './cells.ts'
import { writeWord, type ShortIds } from './short-id.ts'

/**
 * The fingerprint is a hash of so many cells. To make two sets look alike on purpose, all of them must agree: more
 * equations than a store holds updates.
 */
export const FINGERPRINT_CELLS = 128
const FINGERPRINT_BYTES = 16

export class Sketch {
  readonly ids: ShortIds
  #count = 0
  readonly #cells: Cells

  /** With `cells` cells, at least {@link FINGERPRINT_CELLS}; `ids` may be shared. */
  constructor(ids: ShortIds, cells: number) {
    this.ids = ids
    this.#cells = new Cells(cells, ids)
  }

  /** How many digests are in. */
  get count(): number {
    return this.#count
  }

  get cellCount(): number {
    return this.#cells.count
  }

  /** Puts the digest at `at` of `block` in; it must be out. */
  insert(block: Uint8Array, at: number = 0): void {
    this.#count++
    this.ids.ofDigest(block, at)
    this.#cells.toggle()
  }

  /** Takes the digest at `at` of `block` out; it must be in. */
  remove(block: Uint8Array, at: number = 0): void {
    this.#count--
    this.ids.ofDigest(block, at)
    this.#cells.toggle()
  }

  /** The first `count` cells, to be changed apart from these. */
  copy(count: number): Cells {
    return this.#cells.copy(count)
  }

  /** The bytes of `count` cells from `first` on; fewer when there are fewer. */
  write(first: number, count: number): Uint8Array {
    const start = Math.min(first, this.cellCount)
    return this.#cells.write(start, Math.min(count, this.cellCount - start))
  }
}

/** 16 bytes for a set of `count` digests: of equal sets equal, of others different. */
export function fingerprintOf(
  count: number,
  cells: Cells,
  hash: (bytes: Uint8Array) => Uint8Array
): Uint8Array {
  const coded = cells.write(0, FINGERPRINT_CELLS)
  const bytes = new Uint8Array(4 + coded.length)
  writeWord(bytes, 0, count)
  bytes.set(coded, 4)
  return hash(bytes).slice(0, FINGERPRINT_BYTES)
}

/** How many whole cells `bytes` are; undefined when they are none. */
export function countCells(bytes: Uint8Array, ids: ShortIds): number | undefined {
  return bytes.length % cellBytes(ids) === 0 ? bytes.length / cellBytes(ids) : undefined
}
