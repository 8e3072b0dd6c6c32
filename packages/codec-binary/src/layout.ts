/** The layout that encoder and decoder agree on; `docs/wire.md` shows it byte by byte. */

import type { MessageKind } from '@rumormill/protocol'

/**
 * The first byte: the version of the layout. A later one may differ in everything that follows.
 * What is read here is what `MESSAGE_VERSIONS` tells peers.
 */
export const VERSION = 1

/** The second byte: the kind. A number is never given a second meaning. */
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

/** Numbers are unsigned LEB128 in the shortest form, at most four bytes: no count or length is larger. */
export const MAX_NUMBER = 0xfff_ffff

/** The most bytes a number takes. */
export const MAX_NUMBER_BYTES = 4
