/** Bytes of peers turned into messages by a codec that may be anybody's. */

import { toGossipError, type GossipError } from '../errors.ts'
import type { Message } from '../message.ts'
import type { Codec } from '../ports/codec.ts'

/** Returns the message in `bytes`, or why there is none. */
export function decodeBy(codec: Codec, bytes: Uint8Array): Message | GossipError {
  try {
    return codec.decode(bytes)
  } catch (error) {
    return toGossipError(error, 'MALFORMED_MESSAGE', `${codec.name} could not decode a message`)
  }
}
