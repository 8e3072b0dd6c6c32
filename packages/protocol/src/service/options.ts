/** The options of `createGossip`, and what they become. */

import type { BroadcastConfig } from '../broadcast/config.ts'
import type { AntiEntropyConfig, FetchConfig, StoreConfig } from '../dissemination/config.ts'
import type { MembershipConfig, MembershipPolicy } from '../membership/config.ts'
import type { Authorizer } from '../ports/authorizer.ts'
import type { Clock } from '../ports/clock.ts'
import type { Codec } from '../ports/codec.ts'
import type { Observer } from '../ports/observer.ts'
import type { PeerSource } from '../ports/peer-source.ts'
import type { Storage } from '../ports/storage.ts'
import type { Transport } from '../ports/transport.ts'
import type { UpdateHandler } from '../ports/update-handler.ts'
import type { Validator } from '../ports/validator.ts'
import type { Rng } from '../random.ts'
import type { ReputationConfig } from '../reputation/config.ts'
import type { HashFunction } from '../update.ts'
import type { Preset } from './presets.ts'

/** How updates are given to the handler. */
export interface DeliveryConfig {
  /** The most updates that wait for the handler; when reached, no more are fetched. Default 1,024. */
  readonly maxWaiting: number
  /**
   * Their contents, and those that wait for a verdict, may take so many bytes; what was asked for still comes. Default 64 MiB,
   * a guess.
   */
  readonly maxWaitingBytes: number
  /** How long a call may take before it counts as failed and the next begins, in milliseconds. Default 30,000. */
  readonly timeoutMs: number
}

/** How much may be in flight to one peer; beyond it, messages are dropped and a later round repairs the loss. */
export interface SendingConfig {
  /** Default 64. */
  readonly maxMessagesPerPeer: number
  /** Default 4 MiB. */
  readonly maxBytesPerPeer: number
}

/** When the peer source is asked again. */
export interface PeerFindingConfig {
  /** How long one answer may take, in milliseconds. Default 10,000. */
  readonly timeoutMs: number
  /** Milliseconds from one question to the next when all is well. Default 60 membership periods. */
  readonly intervalMs: number
}

/** How updates are given to `validate`. */
export interface ValidationConfig {
  /** How many are judged at once. Default 16. */
  readonly maxConcurrent: number
  /** How long a verdict may take, in milliseconds. Default 5,000. */
  readonly timeoutMs: number
}

/** How storage is written. */
export interface StorageConfig {
  /** How long storage may take for one batch before durable submits reject, in milliseconds. Default 30,000. */
  readonly timeoutMs: number
  /** Milliseconds from a batch that failed to the next attempt. Default 1,000. */
  readonly retryMs: number
  /** Milliseconds from one list of known peers to the next. Default 10 membership periods. */
  readonly peersIntervalMs: number
}

export interface GossipOptions {
  /** Moves bytes. It belongs to this service from now on: one transport, one service. */
  readonly transport: Transport
  /** Shapes bytes. All nodes of a group use the same. */
  readonly codec: Codec
  /** Whom to contact first. */
  readonly peerSource: PeerSource
  /** What to do with updates of others. */
  readonly handler: UpdateHandler
  /**
   * Name of the group: 1 to 64 letters, digits, dots, dashes or underscores. Groups of different names never mix; nodes of two
   * applications that share a name and an address do. Default `default`, with a warning where other hosts can reach the node.
   */
  readonly network?: string
  /** The defaults for `membership`, `store`, `fetch`, `antiEntropy` and `broadcast`. Default `lan`. */
  readonly preset?: Preset
  /** How the group is known; `policy` sets H and S by name. */
  readonly membership?: Partial<MembershipConfig> & { readonly policy?: MembershipPolicy }
  /** What this node keeps, and until when. */
  readonly store?: Partial<StoreConfig>
  /** How contents are requested and sent. */
  readonly fetch?: Partial<FetchConfig>
  /** How rounds compare what two nodes have. */
  readonly antiEntropy?: Partial<AntiEntropyConfig>
  /** How updates spread between rounds. */
  readonly broadcast?: Partial<BroadcastConfig>
  readonly delivery?: Partial<DeliveryConfig>
  readonly sending?: Partial<SendingConfig>
  readonly peerFinding?: Partial<PeerFindingConfig>
  /** Judges updates of others before they are taken. Default: all are accepted. */
  readonly validate?: Validator
  readonly validation?: Partial<ValidationConfig>
  /** Says who belongs to the group. Default: whoever the transport lets in. */
  readonly authorize?: Authorizer
  /** When peers are banned for violations. */
  readonly reputation?: Partial<ReputationConfig>
  /** Keeps updates, digests and peers over a restart. It belongs to this service from now on. Default: memory only. */
  readonly storage?: Storage
  readonly storageOptions?: Partial<StorageConfig>
  /** Milliseconds since 1970: how old persisted updates are. Asked only if there is storage. Default: the system's. */
  readonly wallClock?: () => number
  /** Identifies contents: 32 bytes, the same function on every node. Default BLAKE3, in WebAssembly where that may run. */
  readonly hash?: HashFunction
  /** Default: the system's monotonic clock. */
  readonly clock?: Clock
  /** Default: seeded by the system. */
  readonly rng?: Rng
  /** Told of everything that happens. */
  readonly observe?: Observer
}

/** Options with every default filled in, checked. */
export interface GossipConfig {
  readonly transport: Transport
  readonly codec: Codec
  readonly peerSource: PeerSource
  readonly handler: UpdateHandler
  /** What `transport.start` is given: `/rumormill/1/<network>/<codec>`. */
  readonly protocol: string
  /** Whether somebody has chosen the name of the group. */
  readonly isNamed: boolean
  readonly membership: MembershipConfig
  /** This and the next two: with the limits lowered to what codec and transport carry. */
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
  /** Undefined: whatever is fastest here. */
  readonly hash: HashFunction | undefined
  readonly clock: Clock
  readonly rng: Rng
  readonly observe: Observer
}
