/**
 * The face of `@rumormill/protocol`. First what applications use, then what plugs are made of.
 * @module @rumormill/protocol
 */

// For applications.
export { createGossip } from './service/create-gossip.ts'
export { fastDigest } from './service/fast-digest.ts'
export {
  type GossipOptions,
  type HandlingConfig,
  type SendingConfig,
  type SourcingConfig,
  type ValidationConfig
} from './service/options.ts'
export { type ArchivingConfig } from './service/options.ts'
export { type Preset } from './service/presets.ts'
export { type SamplingConfig, type SamplingPolicy } from './sampling/config.ts'
export { type BroadcastConfig } from './broadcast/config.ts'
export { type DisseminationConfig, type Expiration } from './dissemination/config.ts'
export { GossipError, type GossipErrorCode } from './errors.ts'
export { type Address, type Peer } from './peer.ts'
export { digestOf, type Digest, type Submission, type Update, type UpdateStatus } from './update.ts'
export { type UpdateHandler } from './ports/update-handler.ts'
export { staticPeers, type PeerSource } from './ports/peer-source.ts'
export { type GossipEvent, type Observer } from './ports/observer.ts'
export { type DropReason } from './drop.ts'
export { type Misbehaved, type OffenceReason } from './offence.ts'
export { type StandingConfig } from './standing/config.ts'
export { type Authorizer } from './ports/authorizer.ts'
export { type Validator } from './ports/validator.ts'
export { type Verdict } from './verdict.ts'
export { type ArchiveStats } from './service/persistence.ts'
export { type GossipService, type GossipStats } from './service/gossip-service.ts'

// For transports, codecs and other plugs.
export {
  type Archive,
  type ArchiveChange,
  type ArchivedState,
  type ArchivedUpdate
} from './ports/archive.ts'
export { type Codec } from './ports/codec.ts'
export { type DismissalReason, type Receiver, type Transport } from './ports/transport.ts'
export { type Clock } from './ports/clock.ts'
export {
  CELL_UNIT_BYTES,
  CONTENT_OVERHEAD_BYTES,
  DIGEST_COST_BYTES,
  FINGERPRINT_BYTES,
  ageAt,
  AGE_UNIT_MS,
  MAX_CELLS,
  MAX_CONTENT_AGE,
  MAX_CONTENTS,
  MAX_COUNT,
  MAX_TREE,
  MAX_CHECK,
  MAX_DIGESTS,
  MAX_SKETCH_BYTES,
  MAX_VIEW_ENTRIES,
  MESSAGE_VERSIONS,
  SHORT_ID_UNIT_BYTES,
  SKETCH_OVERHEAD_DIGESTS,
  type Announcement,
  type ContentPush,
  type ContentRequest,
  type ContentResponse,
  type DifferenceRequest,
  type DigestRequest,
  type DigestResponse,
  type Message,
  type MessageKind,
  type Prune,
  type Refused,
  type SketchRequest,
  type SketchResponse,
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
export { systemClock } from './service/system.ts'
export { createRng, pick, shuffle, type Rng } from './random.ts'
export { toGossipError } from './errors.ts'
export { completeOptions, raised, whole, type Check } from './service/checks.ts'
