/** The layout that encoder and decoder agree on; `docs/wire.md` shows it byte by byte. */
import type { MessageKind } from '@rumormill/protocol'

/** The upper four bits of the first byte; the lower four are the kind. */
const VERSION = 1

/** The first byte of each kind. A number is never given a second meaning. */
export const FIRST_BYTE: Readonly<Record<MessageKind, number>> = {
  'view-request': (VERSION << 4) | 1,
  'view-response': (VERSION << 4) | 2,
  'digest-request': (VERSION << 4) | 3,
  'digest-response': (VERSION << 4) | 4,
  'content-request': (VERSION << 4) | 5,
  'content-response': (VERSION << 4) | 6,
  announcement: (VERSION << 4) | 7,
  'content-push': (VERSION << 4) | 8,
  prune: (VERSION << 4) | 9,
  'sketch-request': (VERSION << 4) | 10,
  'sketch-response': (VERSION << 4) | 11,
  'difference-request': (VERSION << 4) | 12
}

/** Numbers are unsigned LEB128 in the shortest form, at most four bytes: no count or length is larger. */
export const MAX_NUMBER = 0xfff_ffff

/** The most bytes a number takes. */
export const MAX_NUMBER_BYTES = 4
