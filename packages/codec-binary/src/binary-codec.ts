/** A compact {@link Codec}: a layout of our own, made for gossip messages. `docs/wire.md` shows it byte by byte. */

import type { Codec } from '@rumormill/protocol'
import { decodeMessage } from './decode.ts'
import { encodeMessage } from './encode.ts'
import { HEAD_BYTES, MAX_NUMBER, MAX_NUMBER_BYTES } from './layout.ts'
import { limitsOf, type BinaryCodecOptions } from './limits.ts'
import { createSlab } from './slab.ts'

/** Head, tree, check, count, and length and age of a first content; each further one has room in its overhead. */
const FRAME_BYTES = HEAD_BYTES + 5 * MAX_NUMBER_BYTES

/**
 * A codec that is small on the wire and fast. Throws INVALID_CONFIG for options out of range.
 *
 * Small encoded messages and decoded digests are views of a shared buffer of 32 KiB: read, write and send them, but
 * do not transfer their `buffer`, and copy what is to be kept for long. Decoded contents may be kept: each is a copy
 * of its own, or shares one of at most 16 KiB with its neighbors in the message.
 */
export function binaryCodec(options: BinaryCodecOptions = {}): Codec {
  const limits = limitsOf(options)
  const slab = createSlab()
  return {
    name: 'binary',
    contentLimit: (maxMessageBytes) => {
      const limitBytes = Math.min(Math.floor(maxMessageBytes) - FRAME_BYTES, MAX_NUMBER)
      return limitBytes > 0 ? limitBytes : 0
    },
    encode: (message) => encodeMessage(message, limits, slab),
    decode: (bytes) => decodeMessage(bytes, limits, slab)
  }
}
