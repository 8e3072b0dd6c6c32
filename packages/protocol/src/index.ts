/**
 * The entry point of `@rumormill/protocol`: first the API for applications, then the API for authors of plugins.
 * @module @rumormill/protocol
 */

// For applications.
export { createGossip } from './node/create-gossip.ts'
export { fastHash } from './node/fast-hash.ts'
export {
  type GossipOptions,
  type DeliveryConfig,
  type SendingConfig,
  type PeerFindingConfig,
  type ValidationConfig
} from './options/options.ts'
export { type StorageConfig } from './options/options.ts'
export { type Preset } from './options/presets.ts'
export { type MembershipConfig, type MembershipPolicy } from './membership/config.ts'
export { type BroadcastConfig } from './broadcast/config.ts'
export { type AntiEntropyConfig } from './anti-entropy/config.ts'
export { type FetchConfig } from './fetch/config.ts'
export { type Expiration, type StoreConfig } from './store/config.ts'
export { GossipError, type GossipErrorCode } from './model/errors.ts'
export { type Address, type Peer } from './model/peer.ts'
export {
  digestOf,
  type Digest,
  type Submission,
  type Update,
  type UpdateStatus
} from './model/update.ts'
export { type UpdateHandler } from './ports/update-handler.ts'
export { staticPeers, type PeerSource } from './ports/peer-source.ts'
export { type GossipEvent, type Observer } from './ports/observer.ts'
export { type DropReason } from './model/drop.ts'
export { type ViolationEvent, type ViolationReason } from './model/violation.ts'
export { type ReputationConfig } from './membership/reputation-config.ts'
export { type Authorizer } from './ports/authorizer.ts'
export { type Validator } from './ports/validator.ts'
export { type Verdict } from './model/verdict.ts'
export { type StorageStats } from './persistence/persistence.ts'
export { type GossipService, type GossipStats } from './node/gossip-service.ts'

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
} from './model/message.ts'
export { isAddress, MAX_ADDRESS_BYTES, MAX_AGE } from './model/peer.ts'
export {
  blake3Hash,
  countDigests,
  DIGEST_BYTES,
  digestFromHex,
  digestToHex,
  packDigests,
  type DigestBlock,
  type HashFunction
} from './model/update.ts'
export { systemClock } from './options/system.ts'
export { createRng, pick, shuffle, type Rng } from './model/random.ts'
export { toGossipError } from './model/errors.ts'
export { completeOptions, raised, whole, type Check } from './options/checks.ts'
