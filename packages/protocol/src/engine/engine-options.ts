/** What an engine is made of, and what it tells of itself in numbers. */

import type { BroadcastConfig } from '../broadcast/config.ts'
import type { AntiEntropyConfig, FetchConfig, StoreConfig } from '../dissemination/config.ts'
import type { DisseminationGauges } from '../dissemination/gauges.ts'
import type { Journal } from '../journal.ts'
import type { MembershipConfig } from '../membership/config.ts'
import type { Address } from '../peer.ts'
import type { Rng } from '../random.ts'
import type { ReputationConfig } from '../reputation/config.ts'
import type { HashFunction } from '../update.ts'

export interface EngineOptions {
  /** Where others reach this node. Never enters its own view. */
  readonly self: Address
  readonly membership: MembershipConfig
  readonly store: StoreConfig
  readonly fetch: FetchConfig
  readonly antiEntropy: AntiEntropyConfig
  /** Default: off, only rounds spread. */
  readonly broadcast?: BroadcastConfig
  readonly reputation?: ReputationConfig
  /** Whether contents of others are judged, by a `validate` effect, before they are stored. Default: no. */
  readonly validates?: boolean
  /** Which addresses belong to the group; asked for each message in and out, and each entry of a view. Quick; may change. */
  readonly authorize?: (peer: Address) => boolean
  readonly hash: HashFunction
  /** What tells this group from others. Default: nothing. */
  readonly label?: string
  readonly rng: Rng
  readonly nowMs: number
  /** Restores an earlier life, and takes down every change for the next. Default: memory only. */
  readonly journal?: Journal | undefined
}

/** What the engine holds, in numbers. */
export interface EngineGauges extends DisseminationGauges {
  /** Entries in the view, at most `membership.viewSize`. */
  readonly viewSize: number
  /** Peers that were dropped as unreachable and are tried again now and then. */
  readonly pastPeers: number
  /** Peers with whom news is shared at once. */
  readonly neighbors: number
  /** Peers that are banned for violations. */
  readonly bannedPeers: number
}
