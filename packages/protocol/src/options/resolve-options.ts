/** Resolves options to a configuration: applies presets, defaults, and limits that depend on each other. */

import type { AntiEntropyConfig } from '../anti-entropy/config.ts'
import type { FetchConfig } from '../fetch/config.ts'
import { defaultExchangeSize, policy, type MembershipConfig } from '../membership/config.ts'
import { DEFAULT_REPUTATION } from '../membership/reputation-config.ts'
import { GossipError } from '../model/errors.ts'
import { FIELDS, MESSAGE_COST } from '../model/message.ts'
import type { StoreConfig } from '../store/config.ts'
import { defined } from './checks.ts'
import { checkShape, checkTogether } from './option-checks.ts'
import type { GossipConfig, GossipOptions } from './options.ts'
import { mostRecent, PRESETS } from './presets.ts'
import { systemClock, systemRng, systemWallClock } from './system.ts'

/** Returns the options with all defaults. Throws one INVALID_CONFIG that lists every error. */
export function resolveOptions(options: GossipOptions): GossipConfig {
  const reasons = checkShape(options)
  // Limits can only be derived from valid parts.
  if (reasons.length > 0) throw invalid(reasons)
  const preset = PRESETS[options.preset ?? 'lan']
  const membership = resolveMembership(preset.membership, options.membership ?? {})
  const antiEntropy = resolveAntiEntropy(preset.antiEntropy, options, reasons)
  const store = resolveStore(preset.store, options, antiEntropy)
  const fetchConfig = { ...preset.fetch, ...defined(options.fetch ?? {}) }
  reasons.push(...checkTogether(membership, antiEntropy, store))
  const contentLimit = options.codec.contentLimit(options.transport.maxMessageBytes)
  if (!(contentLimit >= MESSAGE_COST.digestBytes)) {
    reasons.push(
      `transport.maxMessageBytes (${options.transport.maxMessageBytes}) is too small for codec ` +
        `${options.codec.name}: raise it`
    )
  }
  if (reasons.length > 0) throw invalid(reasons)
  return {
    transport: options.transport,
    codec: options.codec,
    peerSource: options.peerSource,
    handler: options.handler,
    protocol: `/rumormill/1/${options.network ?? 'default'}/${options.codec.name}`,
    isNamed: options.network !== undefined,
    membership,
    ...fitToMessages({ store, fetch: fetchConfig, antiEntropy }, contentLimit),
    broadcast: { ...preset.broadcast, ...defined(options.broadcast ?? {}) },
    ...resolveQueues(options, membership.periodMs),
    validate: options.validate,
    authorize: options.authorize,
    reputation: { ...DEFAULT_REPUTATION, ...defined(options.reputation ?? {}) },
    storage: options.storage,
    wallClock: options.wallClock ?? systemWallClock,
    hash: options.hash,
    clock: options.clock ?? systemClock,
    rng: options.rng ?? systemRng(),
    observe: options.observe ?? (() => {})
  }
}

/** Returns the groups of options that no preset sets. */
function resolveQueues(
  options: GossipOptions,
  viewPeriodMs: number
): Pick<GossipConfig, 'delivery' | 'sending' | 'peerFinding' | 'validation' | 'storageOptions'> {
  return {
    delivery: {
      maxWaiting: 1024,
      maxWaitingBytes: 64 * 1024 * 1024,
      timeoutMs: 30_000,
      ...defined(options.delivery ?? {})
    },
    sending: {
      maxMessagesPerPeer: 64,
      maxBytesPerPeer: 4 * 1024 * 1024,
      ...defined(options.sending ?? {})
    },
    peerFinding: {
      timeoutMs: 10_000,
      intervalMs: 60 * viewPeriodMs,
      ...defined(options.peerFinding ?? {})
    },
    validation: { maxConcurrent: 16, timeoutMs: 5000, ...defined(options.validation ?? {}) },
    storageOptions: {
      timeoutMs: 30_000,
      retryMs: 1000,
      peersIntervalMs: 10 * viewPeriodMs,
      ...defined(options.storageOptions ?? {})
    }
  }
}

function resolveMembership(
  preset: MembershipConfig,
  options: NonNullable<GossipOptions['membership']>
): MembershipConfig {
  const { policy: name, ...given } = options
  const viewSize = given.viewSize ?? preset.viewSize
  const derived = {
    exchangeSize: Math.min(defaultExchangeSize(viewSize), FIELDS.view.most - 1),
    ...(name === undefined ? {} : policy(name, viewSize))
  }
  const config = { ...preset, ...derived, ...defined(given) }
  return { ...config, healing: Math.min(config.healing, Math.floor(viewSize / 2)) }
}

/** Uses lists with a codec that has no sketches. Adds an error to `reasons` if the options set sketches. */
function resolveAntiEntropy(
  preset: AntiEntropyConfig,
  { codec, antiEntropy }: GossipOptions,
  reasons: string[]
): AntiEntropyConfig {
  const carriesSketches = codec.lacks?.includes('sketch-request') !== true
  const config = {
    ...preset,
    reconciliation: carriesSketches ? preset.reconciliation : ('list' as const),
    ...defined(antiEntropy ?? {})
  }
  if (config.reconciliation === 'sketch' && !carriesSketches) {
    reasons.push(
      `antiEntropy.reconciliation cannot be sketch: codec ${codec.name} carries no sketches`
    )
  }
  return config
}

/** Derives a preset's expiration from the update limit and the period of rounds, unless an option sets one. */
function resolveStore(
  preset: StoreConfig,
  { store }: GossipOptions,
  { periodMs }: AntiEntropyConfig
): StoreConfig {
  const config = { ...preset, ...defined(store ?? {}) }
  if (store?.expiration !== undefined || preset.expiration.mode !== 'mostRecent') return config
  return { ...config, expiration: mostRecent(periodMs, config.maxUpdates) }
}

interface Limited {
  readonly store: StoreConfig
  readonly fetch: FetchConfig
  readonly antiEntropy: AntiEntropyConfig
}

/** Lowers the limits to what one message carries: `contentLimit` bytes of contents, or digests instead; see `Codec`. */
function fitToMessages(config: Limited, contentLimit: number): Limited {
  const { store, antiEntropy } = config
  const digests = Math.floor(contentLimit / MESSAGE_COST.digestBytes)
  return {
    store: { ...store, maxContentBytes: Math.min(store.maxContentBytes, contentLimit) },
    fetch: {
      ...config.fetch,
      maxBatchBytes: Math.min(config.fetch.maxBatchBytes, contentLimit)
    },
    antiEntropy: {
      ...antiEntropy,
      maxDigestsPerMessage: Math.min(antiEntropy.maxDigestsPerMessage, digests)
    }
  }
}

function invalid(reasons: readonly string[]): GossipError {
  return new GossipError('INVALID_CONFIG', reasons.join('; '))
}
