/** Reads a number as LevelDB and Snappy write it: seven bits a byte, the lowest first. */
export function readVarint(from: { readonly bytes: Uint8Array; at: number }): number {
  let value = 0
  for (let factor = 1; ; factor *= 128) {
    const byte = from.bytes[from.at++]
    if (byte === undefined || factor > 2 ** 49) throw new RangeError('varint')
    value += (byte & 0x7f) * factor
    if (byte < 0x80) return value
  }
}
