/**
 * The face of `@rumormill/archive-level`.
 * @module @rumormill/archive-level
 */
export { levelArchive } from './level-archive.ts'
export { type LevelArchiveOptions } from './options.ts'
