/** How simulated nodes are set unless told otherwise: as the `lan` preset sets real ones, which a test compares. */

import { MAX_DIGESTS, type BroadcastConfig, type DisseminationConfig } from '@rumormill/protocol'
import { defaultExchangeSize, type SamplingConfig } from '@rumormill/protocol/engine'

const MIB = 1024 * 1024

export const SAMPLING: SamplingConfig = {
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

export const DISSEMINATION: DisseminationConfig = {
  push: true,
  pull: true,
  periodMs: 200,
  jitter: 0.1,
  reconciliation: 'sketch',
  shortIdBytes: 8,
  fanout: 1,
  expiration: { mode: 'mostRecent', count: 100_000, margin: 0, minAgeMs: 6000 },
  maxContentBytes: MIB / 2,
  maxActiveUpdates: 100_000,
  maxActiveBytes: 256 * MIB,
  maxRememberedDigests: 100_000,
  maxDigestsPerMessage: MAX_DIGESTS,
  maxBatchBytes: MIB / 4,
  requestTimeoutMs: 3000,
  maxRequests: 1024,
  maxRequestsPerPeer: 256
}

export const BROADCAST: BroadcastConfig = {
  mode: 'eager',
  degree: 4,
  greetingMs: 10_000,
  eagerBytes: 4096,
  lazyMs: 500
}
