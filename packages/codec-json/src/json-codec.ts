/** A readable {@link Codec}: one JSON text per message. `docs/wire.md` shows it. */

import type { Codec } from '@rumormill/protocol/plugin'
import { decodeMessage } from './decode.ts'
import { encodeMessage } from './encode.ts'
import { limitsOf, type JsonCodecOptions } from './limits.ts'

/** The most bytes of text around a list of contents, with the quotes of the first content. */
const FRAME_BYTES =
  '{"v":1,"kind":"eager-push","tree":268435455,"check":268435455,"contents":[""],"ages":[134217727]}'
    .length

/**
 * Returns a codec with readable messages, for learning and debugging. Throws INVALID_CONFIG for options out of range.
 *
 * Contents take a third more bytes, and digests twice as many. No message is longer than `maxTextBytes`, even if the transport
 * allows more.
 */
export function jsonCodec(options: JsonCodecOptions = {}): Codec {
  const limits = limitsOf(options)
  return {
    name: 'json',
    contentLimit: (maxMessageBytes) => {
      // Base64 encodes 3 bytes as 4 characters; `MESSAGE_COST.contentBytes` covers padding, quotes and commas of further contents.
      const limitBytes =
        Math.floor((Math.min(maxMessageBytes, limits.maxTextBytes) - FRAME_BYTES) / 4) * 3
      return limitBytes > 0 ? limitBytes : 0
    },
    encode: (message) => encodeMessage(message, limits),
    decode: (bytes) => decodeMessage(bytes, limits)
  }
}
