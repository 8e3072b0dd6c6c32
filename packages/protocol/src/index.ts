/**
 * The entry point of `@rumormill/protocol`: first the API for applications, then the API for authors of plugins.
 * @module @rumormill/protocol
 */

// For applications.
export { createGossip } from './service/create-gossip.ts'
export { fastHash } from './service/fast-hash.ts'
export {
  type GossipOptions,
  type DeliveryConfig,
  type SendingConfig,
  type PeerFindingConfig,
  type ValidationConfig
} from './service/options.ts'
export { type StorageConfig } from './service/options.ts'
export { type Preset } from './service/presets.ts'
export { type MembershipConfig, type MembershipPolicy } from './membership/config.ts'
export { type BroadcastConfig } from './broadcast/config.ts'
export {
  type AntiEntropyConfig,
  type Expiration,
  type FetchConfig,
  type StoreConfig
} from './dissemination/config.ts'
export { GossipError, type GossipErrorCode } from './errors.ts'
export { type Address, type Peer } from './peer.ts'
export { digestOf, type Digest, type Submission, type Update, type UpdateStatus } from './update.ts'
export { type UpdateHandler } from './ports/update-handler.ts'
export { staticPeers, type PeerSource } from './ports/peer-source.ts'
export { type GossipEvent, type Observer } from './ports/observer.ts'
export { type DropReason } from './drop.ts'
export { type ViolationEvent, type ViolationReason } from './violation.ts'
export { type ReputationConfig } from './reputation/config.ts'
export { type Authorizer } from './ports/authorizer.ts'
export { type Validator } from './ports/validator.ts'
export { type Verdict } from './verdict.ts'
export { type StorageStats } from './service/persistence.ts'
export { type GossipService, type GossipStats } from './service/gossip-service.ts'

// For transports, codecs and other plugins.
export {
  type Storage,
  type StorageChange,
  type PersistedState,
  type PersistedUpdate
} from './ports/storage.ts'
export { type Codec } from './ports/codec.ts'
export { type DismissalReason, type Receiver, type Transport } from './ports/transport.ts'
export { type Clock } from './ports/clock.ts'
export {
  SYMBOL_UNIT_BYTES,
  CONTENT_OVERHEAD_BYTES,
  DIGEST_COST_BYTES,
  FINGERPRINT_BYTES,
  ageAt,
  AGE_UNIT_MS,
  MAX_SYMBOLS,
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
  type Ihave,
  type EagerPush,
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
  blake3Hash,
  countDigests,
  DIGEST_BYTES,
  digestFromHex,
  digestToHex,
  packDigests,
  type DigestBlock,
  type HashFunction
} from './update.ts'
export { systemClock } from './service/system.ts'
export { createRng, pick, shuffle, type Rng } from './random.ts'
export { toGossipError } from './errors.ts'
export { completeOptions, raised, whole, type Check } from './service/checks.ts'
