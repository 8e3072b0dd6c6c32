/**
 * Short ids: 8 or 16 bytes that stand for a digest within one group.
 *
 * The salt is the group's, the same on all its nodes for as long as they live: a salt for each exchange would mean to
 * build a sketch of all updates for each. What it buys: digests that collide in one group do not in another. What it
 * does not: who knows the salt finds two digests of one short id of 8 bytes in some 2^32 tries, or digests that go to
 * the same symbols in fewer. That makes sketches fail, and digests travel as lists again; and nodes that hold one each of
 * such a pair look alike, so that rounds do not bring them the other. Updates of others come to no harm. With 16 bytes
 * collisions take 2^64 tries. The mixing is no cryptographic hash: digests are hashes already.
 */

import { mix } from './mix.ts'

/** How long short ids are, in bytes. */
export type ShortIdBytes = 8 | 16

/** A short id as the key of a Map. */
export type ShortIdKey = string

const SALT_BYTES = 16

export class ShortIds {
  readonly bytes: ShortIdBytes
  /** The id last made or read, in words of 32 bits; with 8 bytes the last two are 0. */
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
    // Each word takes in two of the digest and the word before; a second pass makes the first depend on the last.
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

  /** Makes {@link words} the id that `key` stands for. */
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

/** Four bytes, lowest first. */
export function wordAt(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
}

export function writeWord(bytes: Uint8Array, at: number, word: number): void {
  bytes[at] = word
  bytes[at + 1] = word >>> 8
  bytes[at + 2] = word >>> 16
  bytes[at + 3] = word >>> 24
}
