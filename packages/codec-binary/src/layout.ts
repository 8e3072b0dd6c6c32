/** Constants of the layout for encoder and decoder. `docs/wire.md` shows the layout byte by byte. */

/**
 * The first byte: the version of the layout. A later version may change everything that follows. Nodes exchange the versions
 * that they read as `MESSAGE_VERSIONS`.
 */
export const VERSION = 1

/** The bytes of version and kind; a kind is the number that `MESSAGES` gives it. */
export const HEAD_BYTES = 2

/** The highest number. Numbers are unsigned LEB128 in the shortest form, at most four bytes. */
export const MAX_NUMBER = 0xfff_ffff

/** The most bytes of a number. */
export const MAX_NUMBER_BYTES = 4
