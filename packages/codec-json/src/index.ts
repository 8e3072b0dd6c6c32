/**
 * The entry point of `@rumormill/codec-json`.
 * @module @rumormill/codec-json
 */
export { jsonCodec } from './json-codec.ts'
export { type JsonCodecOptions } from './limits.ts'
