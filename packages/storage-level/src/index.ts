/**
 * The entry point of `@rumormill/storage-level`.
 * @module @rumormill/storage-level
 */
export { levelStorage } from './level-storage.ts'
export { type LevelStorageOptions } from './options.ts'
