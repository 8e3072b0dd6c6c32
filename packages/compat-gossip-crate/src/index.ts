/**
 * The entry point of `@rumormill/compat-gossip-crate`: a transport and a codec for groups of the crate `gossip`.
 * @module @rumormill/compat-gossip-crate
 */
export { gossipCrate, type CratePair, type CrateTransport } from './crate-pair.ts'
export { type CrateOptions } from './options.ts'
export { type CrateRefusal, type CrateStats } from './stats.ts'
