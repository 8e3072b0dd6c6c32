/** Scans the text before it is parsed, and counts its parts: tiny containers take thirty times the memory of their text. */

import type { Limits } from './limits.ts'
import { malformed } from './malformed.ts'

/** The counts of a text, outside strings. */
export interface Scan {
  /** One for each key. More colons than keys after parsing means that a key occurs twice. */
  readonly colons: number
}

/** The deepest nesting of a valid message: the message, its list, an entry of the list. */
const MAX_DEPTH = 3

/** The most commas between members of a message, including those of later versions. */
const SPARE_COMMAS = 32

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a
const COMMA = 0x2c

/** Throws MALFORMED_MESSAGE for a text that nests too deeply or has more parts than any message within `limits`. */
export function scan(text: string, limits: Limits): Scan {
  // Each content has an age; a few more commas are for members of later versions.
  const maxCommas =
    SPARE_COMMAS + Math.max(limits.maxDigests, 2 * limits.maxContents, 2 * limits.maxPeers)
  let depth = 0
  let colons = 0
  let commas = 0
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        at = endOfString(text, at)
        break
      case COLON:
        colons++
        break
      case COMMA:
        if (++commas > maxCommas) throw malformed('too many parts')
        break
      case 0x5b: // [
      case 0x7b: // {
        if (++depth > MAX_DEPTH) throw malformed('nested too deeply')
        break
      case 0x5d: // ]
      case 0x7d: // }
        depth--
        break
    }
  }
  return { colons }
}

/** Returns the end of the string that starts at `start`: the next quote that no backslash escapes. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1)
  if (end === -1) throw malformed('string without end')
  return end
}

/** Returns whether there is an odd number of backslashes before `at`. */
function isEscaped(text: string, at: number): boolean {
  let before = at
  while (text.charCodeAt(before - 1) === BACKSLASH) before--
  return (at - before) % 2 === 1
}
