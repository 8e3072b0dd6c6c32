/** The face of `@rumormill/archive-level`. */
export { levelArchive, type LevelArchiveOptions } from './level-archive.ts'
