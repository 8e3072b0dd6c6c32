/** How the engine is set for Maelstrom: few messages over links of 100 ms. `npm run lab -- maelstrom` measures it. */

import type {
  AntiEntropyConfig,
  BroadcastConfig,
  MembershipConfig,
  StoreConfig
} from '@rumormill/protocol'

export interface Profile {
  /** At most one message goes to each peer in so many milliseconds; what waits meanwhile travels together. */
  readonly paceMs: number
  readonly membership: Partial<MembershipConfig>
  readonly store: Partial<StoreConfig>
  readonly antiEntropy: Partial<AntiEntropyConfig>
  readonly broadcast: Partial<BroadcastConfig>
}

export const PROFILE: Profile = {
  paceMs: 0,
  membership: { periodMs: 500 },
  antiEntropy: { periodMs: 2000 },
  store: { maxUpdates: 100_000 },
  broadcast: { mode: 'eager', degree: 3, lazyMs: 1000 }
}
