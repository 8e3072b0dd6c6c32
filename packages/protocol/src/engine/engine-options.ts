/** The options and the gauges of an engine. */

import type { AntiEntropyConfig } from '../anti-entropy/config.ts'
import type { BroadcastConfig } from '../broadcast/config.ts'
import type { FetchConfig } from '../fetch/config.ts'
import type { MembershipConfig } from '../membership/config.ts'
import type { ReputationConfig } from '../membership/reputation-config.ts'
import type { Address } from '../model/peer.ts'
import type { Rng } from '../model/random.ts'
import type { HashFunction } from '../model/update.ts'
import type { StoreConfig } from '../store/config.ts'
import type { UpdateGauges } from '../store/gauges.ts'
import type { Journal } from '../store/journal.ts'

export interface EngineOptions {
  /** The address of this node. Never enters its own view. */
  readonly self: Address
  readonly membership: MembershipConfig
  readonly store: StoreConfig
  readonly fetch: FetchConfig
  readonly antiEntropy: AntiEntropyConfig
  /** Default: off, so that updates spread only by rounds. */
  readonly broadcast?: BroadcastConfig
  readonly reputation?: ReputationConfig
  /** Whether contents of others are validated, by a `validate` effect, before they are stored. Default: no. */
  readonly validates?: boolean
  /**
   * Returns whether an address belongs to the group. Is called for each message received or sent and for each view entry, so
   * it must be fast. Its answers may change.
   */
  readonly authorize?: (peer: Address) => boolean
  /** Returns how many more updates the handler can take: no more are fetched. Default: any number. */
  readonly freeSlots?: () => number
  readonly hash: HashFunction
  /** The label that distinguishes this group from others. Default: empty. */
  readonly label?: string
  readonly rng: Rng
  readonly nowMs: number
  /** Restores the state before a restart, and records every change. Default: memory only. */
  readonly journal?: Journal | undefined
}

/** Gauges of the engine. */
export interface EngineGauges extends UpdateGauges {
  /** Entries in the view, at most `membership.viewSize`. */
  readonly viewSize: number
  /** Peers that were dropped as unreachable and are retried at intervals. */
  readonly pastPeers: number
  /** Peers to which fresh updates are sent at once. */
  readonly neighbors: number
  /** Peers that are banned for violations. */
  readonly bannedPeers: number
}

/** The options of store, fetching and rounds together. */
export type DisseminationConfig = StoreConfig & FetchConfig & AntiEntropyConfig
