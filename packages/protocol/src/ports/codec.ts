/** The port that shapes bytes: messages to bytes and back. */

import type { Message, MessageKind } from '../message.ts'

/**
 * A pure pair of functions. `decode(encode(message))` equals `message`, on every machine.
 *
 * Counts and lengths that a peer declares MUST be checked while decoding, before anything is allocated for them.
 */
export interface Codec {
  /** Part of the protocol label: groups that speak different codecs never mix. Lower-case letters, digits and dashes. */
  readonly name: string
  /** Kinds of messages that this codec turns into nothing. Default: it carries all. Without sketches, rounds go by list. */
  readonly lacks?: readonly MessageKind[]
  /**
   * The largest content, in bytes, that surely fits one message of `maxMessageBytes`; 0 when none does.
   * Batches are cut by it: a message MUST fit when the sum of (length + `CONTENT_OVERHEAD_BYTES`) over its
   * contents, or `DIGEST_COST_BYTES` times its digests, is within this limit.
   */
  contentLimit(maxMessageBytes: number): number
  /** The bytes are the caller's to keep. Throws MALFORMED_MESSAGE for what `decode` would refuse. */
  encode(message: Message): Uint8Array
  /**
   * Total: any bytes give a message, quickly, or UNKNOWN_MESSAGE for a version or kind of the format that this codec does
   * not know, or MALFORMED_MESSAGE. Fields after those that it knows MUST be passed over, where the format is to grow.
   * Contents may be views of `bytes`, which nobody changes any more, where they are at least half of the buffer: so what
   * is kept is never much more than what is counted.
   */
  decode(bytes: Uint8Array): Message
}
