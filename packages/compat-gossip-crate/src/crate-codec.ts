/** The codec of the pair, for the messages of the crate. */

import { GossipError, type Address, type Codec } from '@rumormill/protocol/plugin'
import { malformed } from './malformed.ts'
import type { Limits } from './options.ts'
import { fromCrate, toCrate, UNKNOWN_TO_THE_CRATE, type Envelope } from './wire.ts'

/** The messages that the transport has already decoded, by their bytes. */
export type Envelopes = WeakMap<Uint8Array, Envelope>

/** The size of messages relative to other codecs: up to 2 per byte of content, 68 to 64 per digest, 70 to 17 per short content. */
const GROWTH = 5
const FRAME_BYTES = 512

/** Creates the codec. `self` returns the address of this node once it has started: messages of the crate contain their sender. */
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
          'this codec can encode only after its own transport has started'
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
