/** How the engine is set for Maelstrom: chosen in virtual time, not yet measured with processes. */
import type { BroadcastConfig, DisseminationConfig, SamplingConfig } from '@rumormill/protocol'

export interface Profile {
  /** At most one message goes to each peer in so many milliseconds; what waits meanwhile travels together. */
  readonly paceMs: number
  readonly sampling: Partial<SamplingConfig>
  readonly dissemination: Partial<DisseminationConfig>
  readonly broadcast: Partial<BroadcastConfig>
}

export const PROFILE: Profile = {
  paceMs: 100,
  sampling: { periodMs: 5000 },
  dissemination: { periodMs: 2000, maxActiveUpdates: 100_000 },
  broadcast: { mode: 'announce', degree: 4 }
}
