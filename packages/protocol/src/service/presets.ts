/** Named sets of defaults. All gossip both ways; what differs is the pace. */

import type { BroadcastConfig } from '../broadcast/config.ts'
import type { DisseminationConfig, MostRecent } from '../dissemination/config.ts'
import { MAX_DIGESTS } from '../message.ts'
import { defaultExchangeSize, type SamplingConfig } from '../sampling/config.ts'

/**
 * - `lan`: finds a group of ten in about a second, repairs what was missed in rounds of 200 ms.
 * - `wan`: a fifth to a tenth of that traffic, for links with latency and a price.
 * - `local`: for processes on one machine and for tests: ten times a second.
 * - `reference`: the paces and sizes of the `gossip` crate, without jitter.
 */
export type Preset = 'lan' | 'wan' | 'local' | 'reference'

const MIB = 1024 * 1024

/** c, H and S are the reference crate's. Two failed sends drop a peer: one may be bad luck. */
const SAMPLING: SamplingConfig = {
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
 * The newest `count`. None goes before thirty rounds: to reach everybody takes as many as the logarithm of the group's
 * size, and some more where messages are lost.
 */
export function mostRecent(periodMs: number, count: number): MostRecent {
  return { mode: 'mostRecent', count, margin: 0, minAgeMs: 30 * periodMs }
}

/** Fanout 1 as the crate. The limits are what trusted systems of the field allow, see docs/tuning.md. */
const DISSEMINATION: DisseminationConfig = {
  push: true,
  pull: true,
  periodMs: 200,
  jitter: 0.1,
  reconciliation: 'sketch',
  shortIdBytes: 8,
  fanout: 1,
  expiration: { mode: 'none' },
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

/**
 * Four chosen and four that chose us: 10 % slower than six to all of 1,000 nodes, and a third fewer announcements, by
 * simulation with links of 10 to 50 ms. Rounds reach whoever has no neighbour.
 */
const BROADCAST: BroadcastConfig = {
  mode: 'eager',
  degree: 4,
  greetingMs: 10_000,
  eagerBytes: 4096,
  lazyMs: 500
}

interface PresetConfig {
  readonly broadcast: BroadcastConfig
  readonly sampling: SamplingConfig
  readonly dissemination: DisseminationConfig
}

function paced(viewPeriodMs: number, roundPeriodMs: number, jitter: number): PresetConfig {
  return {
    sampling: { ...SAMPLING, periodMs: viewPeriodMs, jitter },
    dissemination: {
      ...DISSEMINATION,
      periodMs: roundPeriodMs,
      jitter,
      expiration: mostRecent(roundPeriodMs, DISSEMINATION.maxActiveUpdates)
    },
    broadcast: BROADCAST
  }
}

/** Without what the crate cannot do; nor does anything expire there unless one says so. */
function asTheCrate(preset: PresetConfig): PresetConfig {
  return {
    ...preset,
    broadcast: { ...BROADCAST, mode: 'off' },
    dissemination: {
      ...preset.dissemination,
      reconciliation: 'list',
      expiration: { mode: 'none' }
    }
  }
}

export const PRESETS: Readonly<Record<Preset, PresetConfig>> = {
  lan: paced(500, 200, 0.1),
  wan: paced(5000, 1000, 0.1),
  local: paced(100, 100, 0.1),
  reference: asTheCrate(paced(60_000, 1000, 0))
}
