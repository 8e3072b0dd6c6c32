/** A readable {@link Codec}: one JSON text per message. `docs/wire.md` shows it. */

import type { Codec } from '@rumormill/protocol'
import { decodeMessage } from './decode.ts'
import { encodeMessage } from './encode.ts'
import { limitsOf, type JsonCodecOptions } from './limits.ts'

/** The text around a list of contents, where it is longest, with the quotes of a first one. */
const FRAME_BYTES =
  '{"v":1,"kind":"eager-push","tree":268435455,"check":268435455,"contents":[""],"ages":[134217727]}'
    .length

/**
 * A codec that people can read, for learning and for debugging. Throws INVALID_CONFIG for options out of range.
 *
 * Contents grow by a third, digests double. Messages are held to `maxTextBytes`, whatever the transport could carry.
 */
export function jsonCodec(options: JsonCodecOptions = {}): Codec {
  const limits = limitsOf(options)
  return {
    name: 'json',
    contentLimit: (maxMessageBytes) => {
      // Base64 turns 3 bytes into 4 characters; the padding and marks of each further content are within its overhead.
      const limitBytes =
        Math.floor((Math.min(maxMessageBytes, limits.maxTextBytes) - FRAME_BYTES) / 4) * 3
      return limitBytes > 0 ? limitBytes : 0
    },
    encode: (message) => encodeMessage(message, limits),
    decode: (bytes) => decodeMessage(bytes, limits)
  }
}
