/** Turns options into a configuration: presets, defaults, limits that depend on one another. */

import type { DisseminationConfig } from '../dissemination/config.ts'
import { GossipError } from '../errors.ts'
import { DIGEST_COST_BYTES, MAX_VIEW_ENTRIES } from '../message.ts'
import { defaultExchangeSize, policy, type SamplingConfig } from '../sampling/config.ts'
import { DEFAULT_STANDING } from '../standing/config.ts'
import { defined } from './checks.ts'
import { checkShape, checkTogether } from './option-checks.ts'
import type { GossipConfig, GossipOptions } from './options.ts'
import { mostRecent, PRESETS } from './presets.ts'
import { systemClock, systemRng, systemWallClock } from './system.ts'

/** Fills in defaults; throws one INVALID_CONFIG with every reason. */
export function resolveOptions(options: GossipOptions): GossipConfig {
  const reasons = checkShape(options)
  // Without sound parts there is nothing to derive limits from.
  if (reasons.length > 0) throw invalid(reasons)
  const preset = PRESETS[options.preset ?? 'lan']
  const sampling = resolveSampling(preset.sampling, options.sampling ?? {})
  const dissemination = resolveDissemination(preset.dissemination, options, reasons)
  reasons.push(...checkTogether(sampling, dissemination))
  const contentLimit = options.codec.contentLimit(options.transport.maxMessageBytes)
  if (!(contentLimit >= DIGEST_COST_BYTES)) {
    reasons.push(
      `codec ${options.codec.name} fits no useful message into transport.maxMessageBytes ` +
        `(${options.transport.maxMessageBytes}): raise that`
    )
  }
  if (reasons.length > 0) throw invalid(reasons)
  return {
    transport: options.transport,
    codec: options.codec,
    peers: options.peers,
    handler: options.handler,
    protocol: `/rumormill/1/${options.network ?? 'default'}/${options.codec.name}`,
    isNamed: options.network !== undefined,
    sampling,
    dissemination: fitToMessages(dissemination, contentLimit),
    broadcast: { ...preset.broadcast, ...defined(options.broadcast ?? {}) },
    handling: {
      maxWaiting: 1024,
      maxWaitingBytes: 64 * 1024 * 1024,
      timeoutMs: 30_000,
      ...defined(options.handling ?? {})
    },
    sending: {
      maxMessagesPerPeer: 64,
      maxBytesPerPeer: 4 * 1024 * 1024,
      ...defined(options.sending ?? {})
    },
    sourcing: {
      timeoutMs: 10_000,
      intervalMs: 60 * sampling.periodMs,
      ...defined(options.sourcing ?? {})
    },
    validate: options.validate,
    validation: { maxConcurrent: 16, timeoutMs: 5000, ...defined(options.validation ?? {}) },
    authorize: options.authorize,
    standing: { ...DEFAULT_STANDING, ...defined(options.standing ?? {}) },
    archive: options.archive,
    archiving: {
      timeoutMs: 30_000,
      retryMs: 1000,
      peersIntervalMs: 10 * sampling.periodMs,
      ...defined(options.archiving ?? {})
    },
    wallClock: options.wallClock ?? systemWallClock,
    digest: options.digest,
    clock: options.clock ?? systemClock,
    rng: options.rng ?? systemRng(),
    observe: options.observe ?? (() => {})
  }
}

function resolveSampling(
  preset: SamplingConfig,
  options: NonNullable<GossipOptions['sampling']>
): SamplingConfig {
  const { policy: name, ...given } = options
  const viewSize = given.viewSize ?? preset.viewSize
  const derived = {
    exchangeSize: Math.min(defaultExchangeSize(viewSize), MAX_VIEW_ENTRIES - 1),
    ...(name === undefined ? {} : policy(name, viewSize))
  }
  const config = { ...preset, ...derived, ...defined(given) }
  return { ...config, healing: Math.min(config.healing, Math.floor(viewSize / 2)) }
}

/**
 * Codecs without sketches compare by lists; adds to `reasons` when the options ask for sketches all the same. Where no
 * expiration is given, that of the preset follows the limit of updates and the pace of rounds.
 */
function resolveDissemination(
  preset: DisseminationConfig,
  { codec, dissemination }: GossipOptions,
  reasons: string[]
): DisseminationConfig {
  const carriesSketches = codec.lacks?.includes('sketch-request') !== true
  const config = {
    ...preset,
    reconciliation: carriesSketches ? preset.reconciliation : ('list' as const),
    ...defined(dissemination ?? {})
  }
  if (config.reconciliation === 'sketch' && !carriesSketches) {
    reasons.push(
      `dissemination.reconciliation cannot be sketch: codec ${codec.name} carries no sketches`
    )
  }
  if (dissemination?.expiration !== undefined || preset.expiration.mode !== 'mostRecent')
    return config
  return { ...config, expiration: mostRecent(config.periodMs, config.maxActiveUpdates) }
}

/** Batches are cut to what `contentLimit` bytes of content stand for; see `Codec`. */
function fitToMessages(config: DisseminationConfig, contentLimit: number): DisseminationConfig {
  return {
    ...config,
    maxContentBytes: Math.min(config.maxContentBytes, contentLimit),
    maxBatchBytes: Math.min(config.maxBatchBytes, contentLimit),
    maxDigestsPerMessage: Math.min(
      config.maxDigestsPerMessage,
      Math.floor(contentLimit / DIGEST_COST_BYTES)
    )
  }
}

function invalid(reasons: readonly string[]): GossipError {
  return new GossipError('INVALID_CONFIG', reasons.join('; '))
}
