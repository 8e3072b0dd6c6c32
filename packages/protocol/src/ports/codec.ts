/** The port that encodes and decodes messages. */

import type { Message, MessageKind } from '../model/message.ts'

/**
 * A pure pair of functions. `decode(encode(message))` equals `message`, on every machine.
 *
 * Counts and lengths that a peer declares MUST be checked while decoding, before anything is allocated for them.
 */
export interface Codec {
  /** Part of the protocol label: groups with different codecs never mix. Lower-case letters, digits and dashes. */
  readonly name: string
  /** Kinds of messages that this codec cannot carry. Default: none. Without sketches, rounds use lists. */
  readonly lacks?: readonly MessageKind[]
  /**
   * Returns the largest content, in bytes, that certainly fits one message of `maxMessageBytes`; 0 if none does. Batches are
   * cut by it: a message MUST fit if the sum of (length + `MESSAGE_COST.contentBytes`) over its contents, or
   * `MESSAGE_COST.digestBytes` times the number of its digests, is within this limit.
   */
  contentLimit(maxMessageBytes: number): number
  /** Returns bytes that belong to the caller. Throws MALFORMED_MESSAGE for what `decode` would refuse. */
  encode(message: Message): Uint8Array
  /**
   * Returns the message for any bytes, quickly, or throws: UNKNOWN_MESSAGE for a version or kind of the format that this codec
   * does not support, else MALFORMED_MESSAGE. If later versions may add fields, fields after the known ones MUST be
   * skipped. Contents may be views of `bytes`, which never change again, if they are at least half of that buffer: then the
   * memory in use is never much more than what is counted.
   */
  decode(bytes: Uint8Array): Message
}
