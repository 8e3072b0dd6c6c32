/**
 * The face of `@rumormill/protocol` for applications. Authors of transports, codecs and other plugins import from
 * `@rumormill/protocol/plugin`.
 * @module @rumormill/protocol
 */

export { createGossip } from './node/create-gossip.ts'
export { fastHash } from './node/fast-hash.ts'
export { type GossipService, type GossipStats } from './node/gossip-service.ts'
export { type StorageStats } from './persistence/persistence.ts'

export {
  type GossipOptions,
  type DeliveryConfig,
  type SendingConfig,
  type PeerFindingConfig,
  type StorageConfig,
  type ValidationConfig
} from './options/options.ts'
export { type Preset } from './options/presets.ts'
export { type MembershipConfig, type MembershipPolicy } from './membership/config.ts'
export { type BroadcastConfig } from './broadcast/config.ts'
export { type AntiEntropyConfig } from './anti-entropy/config.ts'
export { type FetchConfig } from './fetch/config.ts'
export { type Expiration, type StoreConfig } from './store/config.ts'
export { type ReputationConfig } from './membership/reputation-config.ts'

export { type Address, type Peer } from './model/peer.ts'
export {
  digestOf,
  type Digest,
  type HashFunction,
  type Submission,
  type Update,
  type UpdateStatus
} from './model/update.ts'
export { GossipError, type GossipErrorCode } from './model/errors.ts'
export { type DropReason } from './model/drop.ts'
export { type ViolationEvent, type ViolationReason } from './model/violation.ts'
export { type Verdict } from './model/verdict.ts'

export { type Authorizer } from './ports/authorizer.ts'
export { type Clock } from './ports/clock.ts'
export { type Codec } from './ports/codec.ts'
export { type GossipEvent, type Observer } from './ports/observer.ts'
export { staticPeers, type PeerSource } from './ports/peer-source.ts'
export { type Storage } from './ports/storage.ts'
export { type Transport } from './ports/transport.ts'
export { type UpdateHandler } from './ports/update-handler.ts'
export { type Validator } from './ports/validator.ts'
