/** The options of the engine for Maelstrom: few messages over links of 100 ms. `npm run lab -- maelstrom` measures them. */

import type {
  AntiEntropyConfig,
  BroadcastConfig,
  MembershipConfig,
  StoreConfig
} from '@rumormill/protocol'

export interface Profile {
  /** The least milliseconds between two messages to one peer; messages that wait meanwhile are sent together. */
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
