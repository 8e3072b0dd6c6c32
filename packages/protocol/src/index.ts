/** The face of `@rumormill/protocol`. First what applications use, then what plugs are made of. */

// For applications.
export { GossipError, type GossipErrorCode } from './errors.ts'
export { type Address, type Peer } from './peer.ts'
export { digestOf, type Digest, type Update } from './update.ts'
export { type UpdateHandler } from './ports/update-handler.ts'
export { staticPeers, type PeerSource } from './ports/peer-source.ts'
export { type DropReason, type GossipEvent, type Observer } from './ports/observer.ts'
export { type GossipService, type GossipStats, type Submission } from './service/gossip-service.ts'

// For transports, codecs and other plugs.
export { CONTENT_OVERHEAD_BYTES, DIGEST_COST_BYTES, type Codec } from './ports/codec.ts'
export { type Receiver, type Transport } from './ports/transport.ts'
export { type Clock } from './ports/clock.ts'
export {
  type ContentRequest,
  type ContentResponse,
  type DigestRequest,
  type DigestResponse,
  type Message,
  type MessageKind,
  type ViewRequest,
  type ViewResponse
} from './message.ts'
export { isAddress, MAX_ADDRESS_BYTES, MAX_AGE } from './peer.ts'
export {
  blake3Digest,
  countDigests,
  DIGEST_BYTES,
  digestFromHex,
  digestToHex,
  packDigests,
  type DigestBlock,
  type DigestFunction
} from './update.ts'
export { createRng, pick, shuffle, type Rng } from './random.ts'
export { toGossipError } from './errors.ts'
