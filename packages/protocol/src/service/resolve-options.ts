/** Turns options into a configuration: presets, defaults, limits that depend on one another. */
import type { DisseminationConfig } from '../dissemination/config.ts'
import { GossipError } from '../errors.ts'
import { DIGEST_COST_BYTES, MAX_VIEW_ENTRIES } from '../message.ts'
import { defaultExchangeSize, policy, type SamplingConfig } from '../sampling/config.ts'
import { DEFAULT_STANDING } from '../standing/config.ts'
import { defined } from './checks.ts'
import { checkShape, checkTogether } from './option-checks.ts'
import type { GossipConfig, GossipOptions } from './options.ts'
import { PRESETS } from './presets.ts'
import { systemClock, systemRng, systemWallClock } from './system.ts'

/** Fills in defaults; throws one INVALID_CONFIG with every reason. */
export function resolveOptions(options: GossipOptions): GossipConfig {
  const reasons = checkShape(options)
  // Without sound parts there is nothing to derive limits from.
  if (reasons.length > 0) throw invalid(reasons)
  const preset = PRESETS[options.preset ?? 'lan']
  const sampling = resolveSampling(preset.sampling, options.sampling ?? {})
  const carriesSketches = options.codec.lacks?.includes('sketch-request') !== true
  const reconciliation = carriesSketches ? preset.dissemination.reconciliation : 'list'
  const dissemination = {
    ...preset.dissemination,
    reconciliation,
    ...defined(options.dissemination ?? {})
  }
  if (dissemination.reconciliation === 'sketch' && !carriesSketches) {
    reasons.push(
      `dissemination.reconciliation cannot be sketch: codec ${options.codec.name} carries no sketches`
    )
  }
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
    sampling,
    dissemination: fitToMessages(dissemination, contentLimit),
    broadcast: { ...preset.broadcast, ...defined(options.broadcast ?? {}) },
    handling: { maxWaiting: 1024, timeoutMs: 30_000, ...defined(options.handling ?? {}) },
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
    maxPastPeers: 2 * viewSize,
    ...(name === undefined ? {} : policy(name, viewSize))
  }
  const config = { ...preset, ...derived, ...defined(given) }
  return { ...config, healing: Math.min(config.healing, Math.floor(viewSize / 2)) }
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
