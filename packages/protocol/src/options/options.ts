/** The options of `createGossip`, and the configuration that results from them. */

import type { AntiEntropyConfig } from '../anti-entropy/config.ts'
import type { BroadcastConfig } from '../broadcast/config.ts'
import type { FetchConfig } from '../fetch/config.ts'
import type { MembershipConfig, MembershipPolicy } from '../membership/config.ts'
import type { ReputationConfig } from '../membership/reputation-config.ts'
import type { Rng } from '../model/random.ts'
import type { HashFunction } from '../model/update.ts'
import type { Authorizer } from '../ports/authorizer.ts'
import type { Clock } from '../ports/clock.ts'
import type { Codec } from '../ports/codec.ts'
import type { Observer } from '../ports/observer.ts'
import type { PeerSource } from '../ports/peer-source.ts'
import type { Storage } from '../ports/storage.ts'
import type { Transport } from '../ports/transport.ts'
import type { UpdateHandler } from '../ports/update-handler.ts'
import type { Validator } from '../ports/validator.ts'
import type { StoreConfig } from '../store/config.ts'
import type { Preset } from './presets.ts'

/** How updates are passed to the handler. */
export interface DeliveryConfig {
  /** The most updates that wait for the handler. When it is reached, no more are fetched. Default 1,024. */
  readonly maxWaiting: number
  /**
   * The most bytes of contents that wait for the handler or for a verdict of `validate`. When it is reached, nothing more is
   * requested; what was requested before still arrives. Default 64 MiB, a guess.
   */
  readonly maxWaitingBytes: number
  /** Milliseconds until a call of the handler counts as failed and the next begins. Default 30,000. */
  readonly timeoutMs: number
}

/** Limits of messages in flight to one peer. Further messages are dropped, and a later round repairs the loss. */
export interface SendingConfig {
  /** The most messages in flight. Raise it if `dropped` with `send-queue-full` grows without load. Default 64. */
  readonly maxMessagesPerPeer: number
  /** The most bytes in flight. Raise it for large updates on slow links. Default 4 MiB. */
  readonly maxBytesPerPeer: number
}

/** When the peer source is queried. */
export interface PeerFindingConfig {
  /** Milliseconds until an answer of the peer source counts as failed. Default 10,000. */
  readonly timeoutMs: number
  /**
   * Milliseconds between two queries while peers are known; without peers the interval is shorter. Default 60 membership
   * periods.
   */
  readonly intervalMs: number
}

/** How `validate` is called. */
export interface ValidationConfig {
  /** The most calls at once. Default 16. */
  readonly maxConcurrent: number
  /** Milliseconds until a verdict counts as missing; the update is then postponed. Default 5,000. */
  readonly timeoutMs: number
}

/** How storage is written. */
export interface StorageConfig {
  /** Milliseconds that one batch may take before durable submits reject. Default 30,000. */
  readonly timeoutMs: number
  /** Milliseconds from a failed batch to the next attempt. Default 1,000. */
  readonly retryMs: number
  /** Milliseconds between two writes of the list of known peers. Default 10 membership periods. */
  readonly peersIntervalMs: number
}

export interface GossipOptions {
  /** Sends and receives bytes. A transport can serve only one service. Required. */
  readonly transport: Transport
  /** Encodes and decodes messages. All nodes of a group must use the same. Required. */
  readonly codec: Codec
  /** Returns the addresses of the peers to contact first. Required. */
  readonly peerSource: PeerSource
  /** Is called with the updates of other nodes. Required. */
  readonly handler: UpdateHandler
  /**
   * The name of the group: 1 to 64 letters, digits, dots, dashes or underscores. Groups with different names never mix; two
   * applications with the same name do, once a node of one has an address of the other. Default `default`, with a warning where
   * other hosts can reach the node.
   */
  readonly network?: string
  /** Sets the defaults of `membership`, `store`, `fetch`, `antiEntropy` and `broadcast`. Default `lan`. */
  readonly preset?: Preset
  /** How nodes find each other. `policy` sets `healing` and `swapping` by name. */
  readonly membership?: Partial<MembershipConfig> & { readonly policy?: MembershipPolicy }
  /** Which updates this node keeps, and for how long. */
  readonly store?: Partial<StoreConfig>
  /** How contents are requested and sent. */
  readonly fetch?: Partial<FetchConfig>
  /** How rounds compare the updates of two nodes. */
  readonly antiEntropy?: Partial<AntiEntropyConfig>
  /** How updates spread between rounds. */
  readonly broadcast?: Partial<BroadcastConfig>
  /** How updates are passed to the handler. */
  readonly delivery?: Partial<DeliveryConfig>
  /** Limits of messages in flight to one peer. */
  readonly sending?: Partial<SendingConfig>
  /** When the peer source is queried. */
  readonly peerFinding?: Partial<PeerFindingConfig>
  /** Decides whether an update of another node is accepted. Default: all are. */
  readonly validate?: Validator
  /** How `validate` is called. */
  readonly validation?: Partial<ValidationConfig>
  /** Decides which peers belong to the group. Default: all that the transport lets in. */
  readonly authorize?: Authorizer
  /** When peers are banned for violations. */
  readonly reputation?: Partial<ReputationConfig>
  /** Keeps updates, digests and peers over a restart. A storage can serve only one service. Default: memory only. */
  readonly storage?: Storage
  /** How storage is written. */
  readonly storageOptions?: Partial<StorageConfig>
  /** Returns milliseconds since 1970, for the age of persisted updates. Only used with `storage`. Default: the system's clock. */
  readonly wallClock?: () => number
  /** Returns the digest of a content: 32 bytes, the same function on every node. Default: BLAKE3, in WebAssembly if allowed. */
  readonly hash?: HashFunction
  /** The clock for everything else. Default: the system's monotonic clock. */
  readonly clock?: Clock
  /** The source of random numbers. Default: one seeded by the system. */
  readonly rng?: Rng
  /** Is called with every event. Default: none. */
  readonly observe?: Observer
}

/** Checked options with all defaults. */
export interface GossipConfig {
  readonly transport: Transport
  readonly codec: Codec
  readonly peerSource: PeerSource
  readonly handler: UpdateHandler
  /** The label given to `transport.start`: `/rumormill/1/<network>/<codec>`. */
  readonly protocol: string
  /** Whether the option `network` was given. */
  readonly isNamed: boolean
  readonly membership: MembershipConfig
  /** The limits of this and the next two are lowered to what codec and transport carry. */
  readonly store: StoreConfig
  readonly fetch: FetchConfig
  readonly antiEntropy: AntiEntropyConfig
  readonly broadcast: BroadcastConfig
  readonly delivery: DeliveryConfig
  readonly sending: SendingConfig
  readonly peerFinding: PeerFindingConfig
  readonly validate: Validator | undefined
  readonly validation: ValidationConfig
  readonly authorize: Authorizer | undefined
  readonly reputation: ReputationConfig
  readonly storage: Storage | undefined
  readonly storageOptions: StorageConfig
  readonly wallClock: () => number
  /** Undefined: the fastest one that runs here. */
  readonly hash: HashFunction | undefined
  readonly clock: Clock
  readonly rng: Rng
  readonly observe: Observer
}
