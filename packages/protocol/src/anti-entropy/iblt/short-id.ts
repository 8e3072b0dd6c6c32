/**
 * Short ids: 8 or 16 bytes that identify a digest within one group.
 *
 * All nodes of a group use one salt, permanently: with a salt for each exchange, each would need a new sketch of all updates.
 * With the salt, digests that collide in one group do not collide in another. But an attacker that knows the salt finds two
 * digests with the same short id of 8 bytes in about 2^32 tries, or digests that are mapped to the same symbols in fewer. Then
 * sketches fail, and digests are sent as lists again; and two nodes that each have one of such a pair seem equal, so that
 * rounds do not bring them the other. Other updates are not affected. With 16 bytes, a collision takes 2^64 tries. The mixing
 * need not be a cryptographic hash, because digests are hashes already.
 */

import { mix } from './mix.ts'

/** The length of short ids, in bytes. */
export type ShortIdBytes = 8 | 16

/** A short id as the key of a Map. */
export type ShortIdKey = string

const SALT_BYTES = 16

/** A short id, in words of 32 bits. With 8 bytes, the last two are 0. */
export interface ShortId {
  readonly a: number
  readonly b: number
  readonly c: number
  readonly d: number
}

export class ShortIds {
  readonly bytes: ShortIdBytes
  readonly #salt: Int32Array

  /** `salt`: 16 bytes. */
  constructor(bytes: ShortIdBytes, salt: Uint8Array) {
    this.bytes = bytes
    this.#salt = Int32Array.from({ length: SALT_BYTES / 4 }, (_, index) => wordAt(salt, 4 * index))
  }

  /** Returns the id of the digest at `at` of `block`. */
  ofDigest(block: Uint8Array, at: number): ShortId {
    const salt = this.#salt
    // Each word depends on two words of the digest and on the word before; a second pass makes the first depend on the last.
    const a = mix(mix(salt[0]! ^ wordAt(block, at)) ^ wordAt(block, at + 16))
    const b = mix(mix(a ^ salt[1]! ^ wordAt(block, at + 4)) ^ wordAt(block, at + 20))
    const c = mix(mix(b ^ salt[2]! ^ wordAt(block, at + 8)) ^ wordAt(block, at + 24))
    const d = mix(mix(c ^ salt[3]! ^ wordAt(block, at + 12)) ^ wordAt(block, at + 28))
    const isLong = this.bytes === 16
    return {
      a: mix(a + d),
      b: mix(b + Math.imul(d, 3)),
      c: isLong ? c : 0,
      d: isLong ? d : 0
    }
  }

  ofKey(key: ShortIdKey): ShortId {
    const word = (index: number): number =>
      key.charCodeAt(2 * index) | (key.charCodeAt(2 * index + 1) << 16)
    const isLong = this.bytes === 16
    return { a: word(0), b: word(1), c: isLong ? word(2) : 0, d: isLong ? word(3) : 0 }
  }

  keyOf({ a, b, c, d }: ShortId): ShortIdKey {
    return this.bytes === 8
      ? String.fromCharCode(a & 0xffff, a >>> 16, b & 0xffff, b >>> 16)
      : String.fromCharCode(
          a & 0xffff,
          a >>> 16,
          b & 0xffff,
          b >>> 16,
          c & 0xffff,
          c >>> 16,
          d & 0xffff,
          d >>> 16
        )
  }

  /** Returns the key of the id at `at` of `block`. */
  keyAt(block: Uint8Array, at: number): ShortIdKey {
    const isLong = this.bytes === 16
    return this.keyOf({
      a: wordAt(block, at),
      b: wordAt(block, at + 4),
      c: isLong ? wordAt(block, at + 8) : 0,
      d: isLong ? wordAt(block, at + 12) : 0
    })
  }

  /** Writes `id` at `at` of `block`. */
  write({ a, b, c, d }: ShortId, block: Uint8Array, at: number): void {
    writeWord(block, at, a)
    writeWord(block, at + 4, b)
    if (this.bytes === 8) return
    writeWord(block, at + 8, c)
    writeWord(block, at + 12, d)
  }
}

/** Returns the four bytes at `at`, little-endian, as one word. */
export function wordAt(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
}

export function writeWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word
  bytes[at + 1] = word >>> 8
  bytes[at + 2] = word >>> 16
  bytes[at + 3] = word >>> 24
}
