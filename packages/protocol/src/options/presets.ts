/** Named sets of defaults. All of them push and pull; they differ in their periods. */

import type { AntiEntropyConfig } from '../anti-entropy/config.ts'
import type { BroadcastConfig } from '../broadcast/config.ts'
import type { FetchConfig } from '../fetch/config.ts'
import { defaultExchangeSize, type MembershipConfig } from '../membership/config.ts'
import { FIELDS } from '../model/message.ts'
import type { MostRecent, StoreConfig } from '../store/config.ts'

/**
 * - `lan`: a node finds a group of ten in about a second; rounds every 200 ms repair what was missed.
 * - `wan`: a fifth to a tenth of that traffic, for high-latency or metered links.
 * - `local`: for processes on one machine and for tests; rounds and exchanges ten times a second.
 * - `reference`: the periods and sizes of the `gossip` crate, without jitter.
 */
export type Preset = 'lan' | 'wan' | 'local' | 'reference'

const MIB = 1024 * 1024

/** c, H and S are those of the reference crate. Two failed sends drop a peer, because one may fail by chance. */
const MEMBERSHIP: MembershipConfig = {
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

/**
 * Returns an expiration that keeps the newest `count` updates, and each for at least thirty rounds: to reach all nodes takes
 * about the logarithm of the group's size in rounds, and some more where messages are lost.
 */
export function mostRecent(periodMs: number, count: number): MostRecent {
  return { mode: 'mostRecent', count, margin: 0, minAgeMs: 30 * periodMs }
}

/** The limits are similar to those of established systems, see docs/tuning.md. */
const STORE: StoreConfig = {
  expiration: { mode: 'none' },
  maxUpdates: 100_000,
  maxBytes: 256 * MIB,
  maxContentBytes: MIB / 2,
  maxSeenDigests: 100_000
}

const FETCH: FetchConfig = {
  maxBatchBytes: MIB / 4,
  requestTimeoutMs: 3000,
  maxRequests: 1024,
  maxRequestsPerPeer: 256
}

/** The fanout is that of the reference crate. */
const ANTI_ENTROPY: AntiEntropyConfig = {
  push: true,
  pull: true,
  periodMs: 200,
  jitter: 0.1,
  reconciliation: 'sketch',
  shortIdBytes: 8,
  fanout: 1,
  maxDigestsPerMessage: FIELDS.digests.most
}

/**
 * Four outbound and four inbound neighbors reach all of 1,000 nodes 10 % slower than six, with a third fewer `ihave`, in a
 * simulation with links of 10 to 50 ms. Rounds reach nodes without neighbors.
 */
const BROADCAST: BroadcastConfig = {
  mode: 'eager',
  degree: 4,
  neighborMs: 10_000,
  eagerBytes: 4096,
  lazyMs: 500
}

interface PresetConfig {
  readonly broadcast: BroadcastConfig
  readonly membership: MembershipConfig
  readonly store: StoreConfig
  readonly fetch: FetchConfig
  readonly antiEntropy: AntiEntropyConfig
}

function paced(viewPeriodMs: number, roundPeriodMs: number, jitter: number): PresetConfig {
  return {
    membership: { ...MEMBERSHIP, periodMs: viewPeriodMs, jitter },
    store: { ...STORE, expiration: mostRecent(roundPeriodMs, STORE.maxUpdates) },
    fetch: FETCH,
    antiEntropy: { ...ANTI_ENTROPY, periodMs: roundPeriodMs, jitter },
    broadcast: BROADCAST
  }
}

/** Removes features that the reference crate does not have. As there, nothing expires by default. */
function asTheCrate(preset: PresetConfig): PresetConfig {
  return {
    ...preset,
    broadcast: { ...BROADCAST, mode: 'off' },
    store: STORE,
    antiEntropy: { ...preset.antiEntropy, reconciliation: 'list' }
  }
}

export const PRESETS: Readonly<Record<Preset, PresetConfig>> = {
  lan: paced(500, 200, 0.1),
  wan: paced(5000, 1000, 0.1),
  local: paced(100, 100, 0.1),
  reference: asTheCrate(paced(60_000, 1000, 0))
}
