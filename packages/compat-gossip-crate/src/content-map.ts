/**
 * Encodes contents in the format of the crate: a CBOR map from digests in hex to arrays of integers.
 *
 * It does not use cborg, which blocks the event loop for a fifth of a second per mebibyte of numbers.
 */

import { digestOf } from '@rumormill/protocol'

/** Major types of RFC 8949, section 3.1. */
const TEXT = 0x60
const ARRAY = 0x80
const MAP = 0xa0

/** Numbers below this are encoded in the first byte; larger ones take `IN_NEXT` and another byte. */
const DIRECT = 24
const IN_NEXT = 0x18

/** Returns the encoded map. Repeated contents are one entry. */
export function contentMap(contents: readonly Uint8Array[]): Uint8Array {
  const entries = new Map(contents.map((content) => [digestOf(content), content]))
  const parts: Uint8Array[] = [head(MAP, entries.size)]
  for (const [digest, content] of entries) {
    parts.push(
      head(TEXT, digest.length),
      new TextEncoder().encode(digest),
      head(ARRAY, content.length),
      numbers(content)
    )
  }
  const map = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of parts) {
    map.set(part, at)
    at += part.length
  }
  return map
}

function numbers(content: Uint8Array): Uint8Array {
  let length = content.length
  for (let index = 0; index < content.length; index++) if (content[index]! >= DIRECT) length++
  const bytes = new Uint8Array(length)
  let at = 0
  for (let index = 0; index < content.length; index++) {
    const byte = content[index]!
    if (byte >= DIRECT) bytes[at++] = IN_NEXT
    bytes[at++] = byte
  }
  return bytes
}

/** Returns a major type and a count in the shortest form. */
function head(major: number, count: number): Uint8Array {
  if (count < DIRECT) return Uint8Array.of(major | count)
  if (count < 0x100) return Uint8Array.of(major | 24, count)
  if (count < 0x1_0000) return Uint8Array.of(major | 25, count >> 8, count)
  return Uint8Array.of(major | 26, count >>> 24, count >> 16, count >> 8, count)
}
