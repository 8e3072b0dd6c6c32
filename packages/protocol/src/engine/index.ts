/**
 * The second face, for simulators and test kits: outside semver.
 * @module @rumormill/protocol/engine
 */
export { type Effect } from './effect.ts'
export { Engine } from './engine.ts'
export { type EngineGauges, type EngineOptions } from './engine-options.ts'
export { type BroadcastConfig } from '../broadcast/config.ts'
export { type DisseminationConfig, type Expiration } from '../dissemination/config.ts'
export {
  defaultExchangeSize,
  policy,
  type SamplingConfig,
  type SamplingPolicy,
  type SimulatedSampling
} from '../sampling/config.ts'
export { PeerSampler } from '../sampling/peer-sampler.ts'
export { type Misbehaved } from '../offence.ts'
export { type StandingConfig } from '../standing/config.ts'
export { type Validate } from '../verdict.ts'
export { type Drop } from '../drop.ts'
export { type Journal, type JournalEntry, type RestoredUpdate } from '../journal.ts'
export { type Send } from '../message.ts'
export { type Deliver } from '../update.ts'
export { difference } from '../reconciliation/difference.ts'
export { cellBytes } from '../reconciliation/cells.ts'
export { ShortIds, type ShortIdBytes } from '../reconciliation/short-id.ts'
export { fingerprintOf, FINGERPRINT_CELLS, Sketch } from '../reconciliation/sketch.ts'
