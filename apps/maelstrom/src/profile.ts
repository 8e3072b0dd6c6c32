/** How the engine is set for Maelstrom. The figures are first guesses: none has been measured under load yet. */
import type { BroadcastConfig, DisseminationConfig, SamplingConfig } from '@rumormill/protocol'

export interface Profile {
  /** At most one message goes to each peer in so many milliseconds; what waits meanwhile travels together. */
  readonly paceMs: number
  readonly sampling: Partial<SamplingConfig>
  readonly dissemination: Partial<DisseminationConfig>
  readonly broadcast: Partial<BroadcastConfig>
}

export const PROFILE: Profile = {
  paceMs: 150,
  sampling: { periodMs: 5000 },
  dissemination: { periodMs: 1000, maxActiveUpdates: 100_000 },
  broadcast: { mode: 'announce', degree: 6 }
}
