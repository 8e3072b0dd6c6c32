/** Decodes the bytes of peers with a codec that may throw anything. */

import { toGossipError, type GossipError } from '../model/errors.ts'
import type { Message } from '../model/message.ts'
import type { Codec } from '../ports/codec.ts'

/** Returns the message in `bytes`, or the error of the codec. */
export function decodeBy(codec: Codec, bytes: Uint8Array): Message | GossipError {
  try {
    return codec.decode(bytes)
  } catch (error) {
    return toGossipError(error, 'MALFORMED_MESSAGE', `${codec.name} could not decode a message`)
  }
}
