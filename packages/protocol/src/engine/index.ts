/**
 * The engine without its driver, for simulators and test kits. This entry point does not follow semver.
 * @module @rumormill/protocol/engine
 */
export { type Effect } from './effect.ts'
export { Engine } from './engine.ts'
export { type EngineGauges, type EngineOptions } from './engine-options.ts'
export { type BroadcastConfig } from '../broadcast/config.ts'
export {
  type AntiEntropyConfig,
  type Expiration,
  type FetchConfig,
  type StoreConfig
} from '../dissemination/config.ts'
export {
  defaultExchangeSize,
  policy,
  type MembershipConfig,
  type MembershipPolicy,
  type SimulatedMembership
} from '../membership/config.ts'
export { PeerSampler } from '../membership/peer-sampler.ts'
export { type ViolationEvent } from '../violation.ts'
export { type ReputationConfig } from '../reputation/config.ts'
export { type Validate } from '../verdict.ts'
export { type Drop } from '../drop.ts'
export { type Journal, type JournalEntry, type RestoredUpdate } from '../journal.ts'
export { type Send } from '../message.ts'
export { type Deliver } from '../update.ts'
export { difference } from '../reconciliation/difference.ts'
export { symbolBytes } from '../reconciliation/coded-symbols.ts'
export { ShortIds, type ShortIdBytes } from '../reconciliation/short-id.ts'
export { fingerprintOf, FINGERPRINT_SYMBOLS, Sketch } from '../reconciliation/sketch.ts'
