/** The limits of a message: what codecs read and write at most. */

import { FIELDS, MAX_ADDRESS_BYTES } from '@rumormill/protocol/plugin'
import { limitsOf } from '../../../packages/codec-json/src/limits.ts'
import type { Limit } from './limit.ts'

/** Of both codecs; `maxTextBytes` of one. */
export const codecDefaults = limitsOf({})

const CONFORMANCE = 'packages/testkit/src/conformance/codec-bounds.ts'
const BINARY = 'packages/codec-binary/test/binary-codec.test.ts'
const JSON_CODEC = 'packages/codec-json/test/json-codec.test.ts'

const isMalformed = { reached: 'the message is malformed', counter: 'malformed' }
const byBothCodecs = {
  ...isMalformed,
  file: CONFORMANCE,
  title: 'refuses one part more than its caps allow'
}

export const MESSAGE_LIMITS: readonly Limit[] = [
  { option: 'maxPeers', value: codecDefaults.maxPeers, ...byBothCodecs },
  { option: 'maxDigests', value: codecDefaults.maxDigests, ...byBothCodecs },
  { option: 'maxContents', value: codecDefaults.maxContents, ...byBothCodecs },
  {
    option: 'maxTextBytes',
    value: codecDefaults.maxTextBytes,
    ...isMalformed,
    file: JSON_CODEC,
    title: 'sizes > a text above maxTextBytes is refused on both sides'
  },
  {
    option: 'bytes of symbols, or of short ids, in `codec-binary`',
    value: FIELDS.symbols.most,
    ...isMalformed,
    file: BINARY,
    title: 'decode refuses > more than 80 KiB of symbols, or of short ids',
    seenBy: '81_920'
  },
  {
    option: 'bytes of symbols, or of short ids, in `codec-json`',
    value: FIELDS.symbols.most,
    ...isMalformed,
    file: JSON_CODEC,
    title: 'decode refuses > more than 80 KiB of symbols, or of short ids',
    seenBy: '81_920'
  },
  {
    option: 'bytes of an address in `codec-binary`',
    value: MAX_ADDRESS_BYTES,
    ...isMalformed,
    file: BINARY,
    title: 'decode refuses > an address of 257 bytes',
    seenBy: 'malformed'
  },
  {
    option: 'bytes of an address in `codec-json`',
    value: MAX_ADDRESS_BYTES,
    ...isMalformed,
    file: JSON_CODEC,
    title: 'decode refuses > an address of 257 bytes',
    seenBy: 'malformed'
  }
]
