/** A compact {@link Codec} with a binary layout for gossip messages. `docs/wire.md` shows it byte by byte. */

import type { Codec } from '@rumormill/protocol/plugin'
import { decodeMessage } from './decode.ts'
import { encodeMessage } from './encode.ts'
import { HEAD_BYTES, MAX_NUMBER, MAX_NUMBER_BYTES } from './layout.ts'
import { limitsOf, type BinaryCodecOptions } from './limits.ts'
import { createSlab } from './slab.ts'

/**
 * The bytes of head, tree, check and count, and of the length and age of the first content. `MESSAGE_COST.contentBytes` covers
 * those of further ones.
 */
const FRAME_BYTES = HEAD_BYTES + 5 * MAX_NUMBER_BYTES

/**
 * Returns a codec with small messages that is fast. Throws INVALID_CONFIG for options out of range.
 *
 * Small encoded messages and decoded digests are views of a shared buffer of 32 KiB. They may be read, written and sent, but
 * their `buffer` must not be transferred; copy them to keep them for long. Decoded contents may be kept: each is a separate
 * copy, or shares a copy of at most 16 KiB with adjacent contents of the message.
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
