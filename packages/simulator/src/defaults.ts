/** The default options of simulated nodes: those of the `lan` preset, which a test compares. */

import {
  MAX_DIGESTS,
  type AntiEntropyConfig,
  type BroadcastConfig,
  type FetchConfig,
  type StoreConfig
} from '@rumormill/protocol'
import { defaultExchangeSize, type MembershipConfig } from '@rumormill/protocol/engine'

const MIB = 1024 * 1024

export const MEMBERSHIP: MembershipConfig = {
  push: true,
  pull: true,
  selection: 'rand',
  viewSize: 30,
  healing: 3,
  swapping: 12,
  exchangeSize: defaultExchangeSize(30),
  periodMs: 500,
  jitter: 0.1,
  maxFailedSends: 2,
  maxPastPeers: 64,
  hardened: false
}

export const STORE: StoreConfig = {
  expiration: { mode: 'mostRecent', count: 100_000, margin: 0, minAgeMs: 6000 },
  maxUpdates: 100_000,
  maxBytes: 256 * MIB,
  maxContentBytes: MIB / 2,
  maxSeenDigests: 100_000
}

export const FETCH: FetchConfig = {
  maxBatchBytes: MIB / 4,
  requestTimeoutMs: 3000,
  maxRequests: 1024,
  maxRequestsPerPeer: 256
}

export const ANTI_ENTROPY: AntiEntropyConfig = {
  push: true,
  pull: true,
  periodMs: 200,
  jitter: 0.1,
  reconciliation: 'sketch',
  shortIdBytes: 8,
  fanout: 1,
  maxDigestsPerMessage: MAX_DIGESTS
}

export const BROADCAST: BroadcastConfig = {
  mode: 'eager',
  degree: 4,
  neighborMs: 10_000,
  eagerBytes: 4096,
  lazyMs: 500
}
