/** The face of `@rumormill/compat-gossip-crate`. */
export { gossipCrate, type CratePair } from './crate-pair.ts'
export { type CrateOptions } from './options.ts'
