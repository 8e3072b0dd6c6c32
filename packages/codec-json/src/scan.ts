/** A look at the text before it is parsed: tiny containers grow to thirty times their text, so they are counted. */

import type { Limits } from './limits.ts'
import { malformed } from './malformed.ts'

/** What the text holds, counted outside strings. */
export interface Scan {
  /** Each key has one. More colons than keys after parsing means that a key was given twice. */
  readonly colons: number
}

/** The message, its list, an entry of the list. Nothing we read is deeper. */
const MAX_DEPTH = 3

/** The commas between members of a message, those of later versions too. */
const SPARE_COMMAS = 32

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a
const COMMA = 0x2c

/** Throws MALFORMED_MESSAGE for a text that nests too deeply or holds more parts than any message within `limits`. */
export function scan(text: string, limits: Limits): Scan {
  // An age goes with each content; a few more are for members of later versions.
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

/** Where the string that opens at `start` closes: the next quote that no backslash escapes. */
function endOfString(text: string, start: number): number {
  let end = text.indexOf('"', start + 1)
  while (end !== -1 && isEscaped(text, end)) end = text.indexOf('"', end + 1)
  if (end === -1) throw malformed('string without end')
  return end
}

/** Whether an odd number of backslashes stands before `at`. */
function isEscaped(text: string, at: number): boolean {
  let before = at
  while (text.charCodeAt(before - 1) === BACKSLASH) before--
  return (at - before) % 2 === 1
}
