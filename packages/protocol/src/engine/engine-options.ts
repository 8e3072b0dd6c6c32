/** What an engine is made of, and what it tells of itself in numbers. */

import type { BroadcastConfig } from '../broadcast/config.ts'
import type { DisseminationConfig } from '../dissemination/config.ts'
import type { DisseminationGauges } from '../dissemination/gauges.ts'
import type { Journal } from '../journal.ts'
import type { Address } from '../peer.ts'
import type { Rng } from '../random.ts'
import type { SamplingConfig } from '../sampling/config.ts'
import type { StandingConfig } from '../standing/config.ts'
import type { DigestFunction } from '../update.ts'

export interface EngineOptions {
  /** Where others reach this node. Never enters its own view. */
  readonly self: Address
  readonly sampling: SamplingConfig
  readonly dissemination: DisseminationConfig
  /** Default: off, only rounds spread. */
  readonly broadcast?: BroadcastConfig
  readonly standing?: StandingConfig
  /** Whether contents of others are judged, by a `validate` effect, before they are stored. Default: no. */
  readonly validates?: boolean
  /** Which addresses belong to the group; asked for each message in and out, and each entry of a view. Quick; may change. */
  readonly authorize?: (peer: Address) => boolean
  readonly digest: DigestFunction
  /** What tells this group from others. Default: nothing. */
  readonly label?: string
  readonly rng: Rng
  readonly nowMs: number
  /** Restores an earlier life, and takes down every change for the next. Default: memory only. */
  readonly journal?: Journal | undefined
}

/** What the engine holds, in numbers. */
export interface EngineGauges extends DisseminationGauges {
  /** Entries in the view, at most `sampling.viewSize`. */
  readonly viewSize: number
  /** Peers that were dropped as unreachable and are tried again now and then. */
  readonly pastPeers: number
  /** Peers with whom news is shared at once. */
  readonly neighbours: number
  /** Peers that are ignored because they misbehaved. */
  readonly ignoredPeers: number
}
