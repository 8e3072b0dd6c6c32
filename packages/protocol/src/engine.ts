/**
 * The engine without its driver, for simulators and test kits. This entry point does not follow semver.
 * @module @rumormill/protocol/engine
 */
export { type Effect } from './model/effect.ts'
export { Engine } from './engine/engine.ts'
export { type EngineGauges, type EngineOptions } from './engine/engine-options.ts'
export { defaultExchangeSize, policy, type SimulatedMembership } from './membership/config.ts'
export { PeerSampler } from './membership/peer-sampler.ts'
export { type Validate } from './model/verdict.ts'
export { type Drop } from './model/drop.ts'
export { type Journal, type JournalEntry, type RestoredUpdate } from './store/journal.ts'
export { type Send } from './model/message.ts'
export {
  digestOfKey,
  keyOfDigest,
  type Deliver,
  type DigestKey,
  type KeyedUpdate
} from './model/update.ts'
export { difference } from './anti-entropy/iblt/difference.ts'
export { symbolBytes } from './anti-entropy/iblt/coded-symbols.ts'
export { ShortIds, type ShortIdBytes } from './anti-entropy/iblt/short-id.ts'
export { fingerprintOf, FINGERPRINT_SYMBOLS, Sketch } from './anti-entropy/iblt/sketch.ts'
export { blake3Hash } from './model/update.ts'
export { pick, shuffle } from './model/random.ts'
export { PRESETS } from './options/presets.ts'
