/** What each option of `createGossip` may be. */

import type { DisseminationConfig } from '../dissemination/config.ts'
import { MAX_CONTENTS, MAX_DIGESTS, MAX_VIEW_ENTRIES } from '../message.ts'
import type { Codec } from '../ports/codec.ts'
import type { Transport } from '../ports/transport.ts'
import type { SamplingConfig } from '../sampling/config.ts'
import {
  callable,
  checkEach,
  flag,
  oneOf,
  orAbsent,
  range,
  whole,
  wholeOrInfinity,
  withMethods,
  type Check
} from './checks.ts'
import type { GossipOptions } from './options.ts'
import { PRESETS } from './presets.ts'

const YEAR_MS = 365 * 24 * 60 * 60 * 1000
const MANY = 2 ** 31 - 1

const SAMPLING_CHECKS: Readonly<Record<keyof SamplingConfig | 'policy', Check>> = {
  policy: oneOf('blind', 'healer', 'swapper'),
  push: flag,
  pull: flag,
  selection: oneOf('rand', 'tail'),
  viewSize: whole(1, 10_000),
  healing: whole(0, 10_000),
  swapping: whole(0, 10_000),
  exchangeSize: whole(1, MAX_VIEW_ENTRIES - 1),
  periodMs: range(1, YEAR_MS),
  jitter: range(0, 1),
  maxFailedSends: wholeOrInfinity(1, 1000),
  maxPastPeers: whole(0, 100_000),
  hardened: flag
}

const DISSEMINATION_CHECKS: Readonly<Record<keyof DisseminationConfig, Check>> = {
  push: flag,
  pull: flag,
  periodMs: range(1, YEAR_MS),
  jitter: range(0, 1),
  reconciliation: oneOf('sketch', 'list'),
  shortIdBytes: (value) => (value === 8 || value === 16 ? undefined : 'must be 8 or 16'),
  fanout: whole(1, 100),
  expiration: checkExpiration,
  maxContentBytes: whole(1, MANY),
  maxActiveUpdates: whole(1, MANY),
  maxActiveBytes: whole(1, Number.MAX_SAFE_INTEGER),
  maxRememberedDigests: whole(1, 10_000_000),
  maxDigestsPerMessage: whole(1, MAX_DIGESTS),
  maxBatchBytes: whole(1, MANY),
  requestTimeoutMs: range(1, YEAR_MS),
  maxRequests: whole(1, 1_000_000),
  maxRequestsPerPeer: whole(1, MAX_CONTENTS)
}

const EXPIRATION_CHECKS: Readonly<Record<string, Readonly<Record<string, Check>>>> = {
  none: {},
  duration: { ms: range(0, YEAR_MS) },
  pushCount: { count: whole(1, MANY) },
  mostRecent: {
    count: whole(1, MANY),
    margin: range(0, 100),
    minAgeMs: orAbsent(range(0, YEAR_MS))
  }
}

const GROUP_CHECKS = {
  sampling: SAMPLING_CHECKS,
  dissemination: DISSEMINATION_CHECKS,
  broadcast: {
    mode: oneOf('eager', 'announce', 'off'),
    degree: whole(1, 100),
    greetingMs: range(1, YEAR_MS),
    eagerBytes: whole(0, 65_536),
    lazyMs: range(1, YEAR_MS)
  },
  handling: {
    maxWaiting: whole(1, 1_000_000),
    maxWaitingBytes: whole(1, Number.MAX_SAFE_INTEGER),
    timeoutMs: range(1, YEAR_MS)
  },
  sending: {
    maxMessagesPerPeer: whole(1, 1_000_000),
    maxBytesPerPeer: whole(1, Number.MAX_SAFE_INTEGER)
  },
  sourcing: { timeoutMs: range(1, YEAR_MS), intervalMs: range(1, YEAR_MS) },
  archiving: {
    timeoutMs: range(1, YEAR_MS),
    retryMs: range(1, YEAR_MS),
    peersIntervalMs: range(1, YEAR_MS)
  },
  validation: { maxConcurrent: whole(1, 10_000), timeoutMs: range(1, YEAR_MS) },
  standing: {
    maxStrikes: wholeOrInfinity(1, 1000),
    windowMs: range(1, YEAR_MS),
    ignoreMs: range(1, YEAR_MS),
    maxOffenders: whole(1, 1_000_000)
  }
}

const REQUIRED_CHECKS = {
  transport: checkTransport,
  codec: checkCodec,
  peers: withMethods('peers'),
  handler: withMethods('onUpdate')
}

const OPTIONAL_CHECKS: Readonly<Record<string, Check>> = {
  network: checkNetwork,
  preset: oneOf(...Object.keys(PRESETS)),
  digest: callable,
  clock: withMethods('now', 'wakeAt'),
  rng: withMethods('below', 'fraction', 'fork'),
  observe: callable,
  validate: callable,
  authorize: callable,
  archive: withMethods('load', 'write', 'close'),
  wallClock: callable,
  // Groups are looked into one by one.
  ...Object.fromEntries(Object.keys(GROUP_CHECKS).map((name) => [name, () => undefined]))
}

/** What is wrong with the options, one by one. */
export function checkShape(options: GossipOptions): string[] {
  if (typeof options !== 'object' || options === null)
    return ['createGossip takes an object of options']
  const { transport, codec, peers, handler, ...rest } = options
  const reasons = checkEach('', { transport, codec, peers, handler }, REQUIRED_CHECKS, true)
  reasons.push(...checkEach('', rest, OPTIONAL_CHECKS, false))
  for (const [name, checks] of Object.entries(GROUP_CHECKS)) {
    const group = options[name as keyof typeof GROUP_CHECKS]
    if (group !== undefined) reasons.push(...checkEach(name, group, checks, false))
  }
  return reasons
}

function checkTransport(value: unknown): string | undefined {
  const reason = withMethods('start', 'send', 'watch', 'stop')(value)
  if (reason !== undefined) return `${reason}, such as tcpTransport({ port: 9000 })`
  return (
    whole(1, MANY)((value as Transport).maxMessageBytes) &&
    `.maxMessageBytes ${whole(1, MANY)((value as Transport).maxMessageBytes)}`
  )
}

function checkCodec(value: unknown): string | undefined {
  const reason = withMethods('contentLimit', 'encode', 'decode')(value)
  if (reason !== undefined) return `${reason}, such as binaryCodec()`
  return /^[a-z0-9-]{1,32}$/.test((value as Codec).name)
    ? undefined
    : '.name must be 1 to 32 lower-case letters, digits or dashes'
}

function checkNetwork(value: unknown): string | undefined {
  const fine = typeof value === 'string' && /^[A-Za-z0-9._-]{1,64}$/.test(value)
  return fine ? undefined : 'must be 1 to 64 letters, digits, dots, dashes or underscores'
}

function checkExpiration(value: unknown): string | undefined {
  const modes = Object.keys(EXPIRATION_CHECKS)
  const { mode, ...rest } = (value ?? {}) as { mode?: string }
  if (mode === undefined || !Object.hasOwn(EXPIRATION_CHECKS, mode))
    return `.mode must be one of ${modes.join(', ')}`
  return checkEach('', rest, EXPIRATION_CHECKS[mode]!, true)[0]?.replace(/^/, '.')
}

/** What only the whole shows. */
export function checkTogether(
  sampling: SamplingConfig,
  dissemination: DisseminationConfig
): string[] {
  const reasons: string[] = []
  if (!sampling.push && !sampling.pull)
    reasons.push('sampling.push and sampling.pull are both off: nothing would be exchanged')
  if (sampling.hardened && !sampling.pull)
    reasons.push('sampling.hardened needs sampling.pull: nobody else is proved by an answer')
  if (!dissemination.push && !dissemination.pull) {
    reasons.push('dissemination.push and dissemination.pull are both off: nothing would spread')
  }
  const { expiration, maxActiveUpdates } = dissemination
  if (
    expiration.mode === 'mostRecent' &&
    expiration.count * (1 + expiration.margin) > maxActiveUpdates
  ) {
    const most = Math.floor(expiration.count * (1 + expiration.margin))
    reasons.push(
      `dissemination.expiration keeps up to count * (1 + margin) = ${most} updates: raise maxActiveUpdates (${maxActiveUpdates}) to that, or lower count`
    )
  }
  if (dissemination.maxContentBytes > dissemination.maxActiveBytes) {
    reasons.push('dissemination.maxContentBytes must not exceed maxActiveBytes')
  }
  return reasons
}
