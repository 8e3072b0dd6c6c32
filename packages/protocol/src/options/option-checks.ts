/** Checks the values of all options of `createGossip`. */

import type { AntiEntropyConfig } from '../anti-entropy/config.ts'
import type { FetchConfig } from '../fetch/config.ts'
import type { MembershipConfig } from '../membership/config.ts'
import { FIELDS } from '../model/message.ts'
import type { Codec } from '../ports/codec.ts'
import type { Transport } from '../ports/transport.ts'
import type { StoreConfig } from '../store/config.ts'
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

const MEMBERSHIP_CHECKS: Readonly<Record<keyof MembershipConfig | 'policy', Check>> = {
  policy: oneOf('blind', 'healer', 'swapper'),
  push: flag,
  pull: flag,
  selection: oneOf('rand', 'tail'),
  viewSize: whole(1, 10_000),
  healing: whole(0, 10_000),
  swapping: whole(0, 10_000),
  exchangeSize: whole(1, FIELDS.view.most - 1),
  periodMs: range(1, YEAR_MS),
  jitter: range(0, 1),
  maxFailedSends: wholeOrInfinity(1, 1000),
  maxPastPeers: whole(0, 100_000),
  hardened: flag
}

const STORE_CHECKS: Readonly<Record<keyof StoreConfig, Check>> = {
  expiration: checkExpiration,
  maxUpdates: whole(1, MANY),
  maxBytes: whole(1, Number.MAX_SAFE_INTEGER),
  maxContentBytes: whole(1, MANY),
  maxSeenDigests: whole(1, 10_000_000)
}

const FETCH_CHECKS: Readonly<Record<keyof FetchConfig, Check>> = {
  maxBatchBytes: whole(1, MANY),
  requestTimeoutMs: range(1, YEAR_MS),
  maxRequests: whole(1, 1_000_000),
  maxRequestsPerPeer: whole(1, FIELDS.contents.most)
}

const ANTI_ENTROPY_CHECKS: Readonly<Record<keyof AntiEntropyConfig, Check>> = {
  push: flag,
  pull: flag,
  periodMs: range(1, YEAR_MS),
  jitter: range(0, 1),
  reconciliation: oneOf('sketch', 'list'),
  shortIdBytes: (value) => (value === 8 || value === 16 ? undefined : 'must be 8 or 16'),
  fanout: whole(1, 100),
  maxDigestsPerMessage: whole(1, FIELDS.digests.most)
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
  membership: MEMBERSHIP_CHECKS,
  store: STORE_CHECKS,
  fetch: FETCH_CHECKS,
  antiEntropy: ANTI_ENTROPY_CHECKS,
  broadcast: {
    mode: oneOf('eager', 'lazy', 'off'),
    degree: whole(1, 100),
    neighborMs: range(1, YEAR_MS),
    eagerBytes: whole(0, 65_536),
    lazyMs: range(1, YEAR_MS)
  },
  delivery: {
    maxWaiting: whole(1, 1_000_000),
    maxWaitingBytes: whole(1, Number.MAX_SAFE_INTEGER),
    timeoutMs: range(1, YEAR_MS)
  },
  sending: {
    maxMessagesPerPeer: whole(1, 1_000_000),
    maxBytesPerPeer: whole(1, Number.MAX_SAFE_INTEGER)
  },
  peerFinding: { timeoutMs: range(1, YEAR_MS), intervalMs: range(1, YEAR_MS) },
  storageOptions: {
    timeoutMs: range(1, YEAR_MS),
    retryMs: range(1, YEAR_MS),
    peersIntervalMs: range(1, YEAR_MS)
  },
  validation: { maxConcurrent: whole(1, 10_000), timeoutMs: range(1, YEAR_MS) },
  reputation: {
    maxPenalties: wholeOrInfinity(1, 1000),
    windowMs: range(1, YEAR_MS),
    banMs: range(1, YEAR_MS),
    maxTrackedPeers: whole(1, 1_000_000)
  }
}

const REQUIRED_CHECKS = {
  transport: checkTransport,
  codec: checkCodec,
  peerSource: withMethods('peers'),
  handler: withMethods('onUpdate')
}

const OPTIONAL_CHECKS: Readonly<Record<string, Check>> = {
  network: checkNetwork,
  preset: oneOf(...Object.keys(PRESETS)),
  hash: callable,
  clock: withMethods('now', 'wakeAt'),
  rng: withMethods('below', 'fraction', 'fork'),
  observe: callable,
  validate: callable,
  authorize: callable,
  storage: withMethods('load', 'write', 'close'),
  wallClock: callable,
  // The values of groups are checked separately.
  ...Object.fromEntries(Object.keys(GROUP_CHECKS).map((name) => [name, () => undefined]))
}

/** Returns the errors of each option by itself. */
export function checkShape(options: GossipOptions): string[] {
  if (typeof options !== 'object' || options === null)
    return ['createGossip takes an object of options']
  const { transport, codec, peerSource, handler, ...rest } = options
  const required = { transport, codec, peerSource, handler }
  const reasons = checkEach('', required, REQUIRED_CHECKS, true)
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

/** Returns the errors of combinations of options. */
export function checkTogether(
  membership: MembershipConfig,
  { push, pull }: AntiEntropyConfig,
  { expiration, maxUpdates, maxBytes, maxContentBytes }: StoreConfig
): string[] {
  const reasons: string[] = []
  if (!membership.push && !membership.pull)
    reasons.push('membership.push and membership.pull are both off: nothing would be exchanged')
  if (membership.hardened && !membership.pull)
    reasons.push('membership.hardened needs membership.pull: only an answer verifies a peer')
  if (!push && !pull)
    reasons.push('antiEntropy.push and antiEntropy.pull are both off: nothing would spread')
  if (expiration.mode === 'mostRecent' && expiration.count * (1 + expiration.margin) > maxUpdates) {
    const most = Math.floor(expiration.count * (1 + expiration.margin))
    reasons.push(
      `store.expiration keeps up to count * (1 + margin) = ${most} updates: raise store.maxUpdates (${maxUpdates}) to that, or lower count`
    )
  }
  if (maxContentBytes > maxBytes)
    reasons.push('store.maxContentBytes must not exceed store.maxBytes')
  return reasons
}
