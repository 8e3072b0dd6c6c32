/** The codec of the pair: messages to the crate's bytes and back. */

import { GossipError, type Address, type Codec } from '@rumormill/protocol'
import { malformed } from './malformed.ts'
import type { Limits } from './options.ts'
import { fromCrate, toCrate, UNKNOWN_TO_THE_CRATE, type Envelope } from './wire.ts'

/** What the transport has read already, by the bytes it read. */
export type Envelopes = WeakMap<Uint8Array, Envelope>

/** One byte of content takes up to two, a digest 68 where others count 64, and a short content 70 where others count 17. */
const GROWTH = 5
const FRAME_BYTES = 512

/** `self` is the address of this node, once it has one: the crate's messages name their sender. */
export function crateCodec(
  self: () => Address | undefined,
  { maxDigests }: Pick<Limits, 'maxDigests'>,
  envelopes: Envelopes
): Codec {
  return {
    name: 'gossip-crate',
    lacks: UNKNOWN_TO_THE_CRATE,
    contentLimit: (maxMessageBytes) =>
      Math.max(0, Math.floor((maxMessageBytes - FRAME_BYTES) / GROWTH)),
    encode: (message) => {
      const sender = self()
      if (sender === undefined)
        throw new GossipError(
          'NOT_RUNNING',
          'this codec sends for its own transport, once that has started'
        )
      return toCrate(sender, message, maxDigests)
    },
    decode: (bytes) => {
      if (!(bytes instanceof Uint8Array)) throw malformed('not bytes')
      const envelope = envelopes.get(bytes) ?? fromCrate(bytes, maxDigests)
      if (envelope === undefined) throw malformed('a no-op')
      return envelope.message
    }
  }
}
