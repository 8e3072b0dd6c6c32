/** Constants of the layout for encoder and decoder. `docs/wire.md` shows the layout byte by byte. */

import type { MessageKind } from '@rumormill/protocol'

/**
 * The first byte: the version of the layout. A later version may change everything that follows. Nodes exchange the versions
 * that they read as `MESSAGE_VERSIONS`.
 */
export const VERSION = 1

/** The second byte: the kind. A number is never reused for another kind. */
export const KIND_BYTE: Readonly<Record<MessageKind, number>> = {
  'view-request': 1,
  'view-response': 2,
  'digest-request': 3,
  'digest-response': 4,
  'content-request': 5,
  'content-response': 6,
  ihave: 7,
  'eager-push': 8,
  prune: 9,
  'sketch-request': 10,
  'sketch-response': 11,
  'difference-request': 12,
  refused: 13,
  neighbor: 14
}

/** The bytes of version and kind. */
export const HEAD_BYTES = 2

/** The highest number. Numbers are unsigned LEB128 in the shortest form, at most four bytes. */
export const MAX_NUMBER = 0xfff_ffff

/** The most bytes of a number. */
export const MAX_NUMBER_BYTES = 4
