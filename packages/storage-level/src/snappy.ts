/** Decompresses Snappy blocks: literal bytes, and copies of earlier bytes. */

import { readVarint } from './varint.ts'

/** The longest block that is accepted; usual ones have some kilobytes. */
const MAX_BYTES = 64 * 2 ** 20

/** Returns the decompressed bytes. Throws RangeError when `block` is invalid. */
export function uncompressed(block: Uint8Array): Uint8Array {
  const from = { bytes: block, at: 0 }
  const length = readVarint(from)
  if (length > MAX_BYTES) throw new RangeError('length')
  const bytes = new Uint8Array(length)
  let at = 0
  while (from.at < block.length) {
    const tag = block[from.at++]!
    const kind = tag & 3
    if (kind === 0) {
      const long = (tag >> 2) - 59
      const count = 1 + (long > 0 ? littleEndian(from, long) : tag >> 2)
      if (from.at + count > block.length) throw new RangeError('literal')
      bytes.set(block.subarray(from.at, from.at + count), at)
      from.at += count
      at += count
    } else {
      const count = kind === 1 ? 4 + ((tag >> 2) & 7) : 1 + (tag >> 2)
      const back =
        kind === 1
          ? ((tag >> 5) << 8) + littleEndian(from, 1)
          : littleEndian(from, kind === 2 ? 2 : 4)
      if (back === 0 || back > at || at + count > length) throw new RangeError('copy')
      // Byte by byte, because a copy may overlap itself.
      for (const end = at + count; at < end; at++) bytes[at] = bytes[at - back]!
    }
  }
  if (at !== length) throw new RangeError('end')
  return bytes
}

function littleEndian(from: { readonly bytes: Uint8Array; at: number }, count: number): number {
  let value = 0
  for (let index = 0; index < count; index++)
    value += (from.bytes[from.at++] ?? 0) * 2 ** (8 * index)
  return value
}
