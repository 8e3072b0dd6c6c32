/**
 * The face of `@rumormill/compat-gossip-crate`.
 * @module @rumormill/compat-gossip-crate
 */
export { gossipCrate, type CratePair, type CrateTransport } from './crate-pair.ts'
export { type CrateOptions } from './options.ts'
export { type CrateRefusal, type CrateStats } from './stats.ts'
