/** How the engine is set for Maelstrom: few messages over links of 100 ms. `npm run lab -- maelstrom` measures it. */

import type { BroadcastConfig, DisseminationConfig, SamplingConfig } from '@rumormill/protocol'

export interface Profile {
  /** At most one message goes to each peer in so many milliseconds; what waits meanwhile travels together. */
  readonly paceMs: number
  readonly sampling: Partial<SamplingConfig>
  readonly dissemination: Partial<DisseminationConfig>
  readonly broadcast: Partial<BroadcastConfig>
}

export const PROFILE: Profile = {
  paceMs: 0,
  sampling: { periodMs: 500 },
  dissemination: { periodMs: 2000, maxActiveUpdates: 100_000 },
  broadcast: { mode: 'eager', degree: 3, lazyMs: 1000 }
}
