/**
 * The engine without its driver, for simulators and test kits. This entry point does not follow semver.
 * @module @rumormill/protocol/engine
 */
export { type Effect } from '../model/effect.ts'
export { Engine } from './engine.ts'
export { type EngineGauges, type EngineOptions } from './engine-options.ts'
export { type BroadcastConfig } from '../broadcast/config.ts'
export { type AntiEntropyConfig } from '../anti-entropy/config.ts'
export { type FetchConfig } from '../fetch/config.ts'
export { type Expiration, type StoreConfig } from '../store/config.ts'
export {
  defaultExchangeSize,
  policy,
  type MembershipConfig,
  type MembershipPolicy,
  type SimulatedMembership
} from '../membership/config.ts'
export { PeerSampler } from '../membership/peer-sampler.ts'
export { type ViolationEvent } from '../model/violation.ts'
export { type ReputationConfig } from '../membership/reputation-config.ts'
export { type Validate } from '../model/verdict.ts'
export { type Drop } from '../model/drop.ts'
export { type Journal, type JournalEntry, type RestoredUpdate } from '../store/journal.ts'
export { type Send } from '../model/message.ts'
export {
  digestOfKey,
  keyOfDigest,
  type Deliver,
  type DigestKey,
  type KeyedUpdate
} from '../model/update.ts'
export { difference } from '../anti-entropy/iblt/difference.ts'
export { symbolBytes } from '../anti-entropy/iblt/coded-symbols.ts'
export { ShortIds, type ShortIdBytes } from '../anti-entropy/iblt/short-id.ts'
export { fingerprintOf, FINGERPRINT_SYMBOLS, Sketch } from '../anti-entropy/iblt/sketch.ts'
