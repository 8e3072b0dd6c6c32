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

export class ShortIds {
  readonly bytes: ShortIdBytes
  /** The current id: the last one made or read, in words of 32 bits. With 8 bytes the last two are 0. */
  readonly words: Int32Array = new Int32Array(4)
  readonly #salt: Int32Array

  /** `salt`: 16 bytes. */
  constructor(bytes: ShortIdBytes, salt: Uint8Array) {
    this.bytes = bytes
    this.#salt = Int32Array.from({ length: SALT_BYTES / 4 }, (_, index) => wordAt(salt, 4 * index))
  }

  /** Makes {@link words} the id of the digest at `at` of `block`. */
  ofDigest(block: Uint8Array, at: number): void {
    const salt = this.#salt
    const { words } = this
    // Each word depends on two words of the digest and on the word before; a second pass makes the first depend on the last.
    const a = mix(mix(salt[0]! ^ wordAt(block, at)) ^ wordAt(block, at + 16))
    const b = mix(mix(a ^ salt[1]! ^ wordAt(block, at + 4)) ^ wordAt(block, at + 20))
    const c = mix(mix(b ^ salt[2]! ^ wordAt(block, at + 8)) ^ wordAt(block, at + 24))
    const d = mix(mix(c ^ salt[3]! ^ wordAt(block, at + 12)) ^ wordAt(block, at + 28))
    words[0] = mix(a + d)
    words[1] = mix(b + Math.imul(d, 3))
    if (this.bytes === 8) return
    words[2] = c
    words[3] = d
  }

  /** Makes {@link words} the id at `at` of `block`. */
  read(block: Uint8Array, at: number): void {
    for (let index = 0; index < this.bytes / 4; index++)
      this.words[index] = wordAt(block, at + 4 * index)
  }

  /** Makes {@link words} the id of `key`. */
  ofKey(key: ShortIdKey): void {
    for (let index = 0; index < this.bytes / 4; index++) {
      this.words[index] = key.charCodeAt(2 * index) | (key.charCodeAt(2 * index + 1) << 16)
    }
  }

  /** Writes {@link words} at `at` of `block`. */
  write(block: Uint8Array, at: number): void {
    for (let index = 0; index < this.bytes / 4; index++)
      writeWord(block, at + 4 * index, this.words[index]!)
  }

  /** The key of {@link words}. */
  get key(): ShortIdKey {
    const [a, b, c, d] = this.words as unknown as readonly [number, number, number, number]
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
