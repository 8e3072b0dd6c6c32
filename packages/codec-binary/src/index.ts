/**
 * The entry point of `@rumormill/codec-binary`.
 * @module @rumormill/codec-binary
 */
export { binaryCodec } from './binary-codec.ts'
export { type BinaryCodecOptions } from './limits.ts'
