/** Computes CRC-32C, the checksum of LevelDB. */

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0x82f63b78 : value >>> 1
  return value
})

/** Returns the checksum of `bytes`, or of `bytes` after other bytes with the checksum `before`. */
export function crc32c(bytes: Uint8Array, before: number = 0): number {
  let sum = before ^ 0xffffffff
  for (let at = 0; at < bytes.length; at++) sum = TABLE[(sum ^ bytes[at]!) & 0xff]! ^ (sum >>> 8)
  return (sum ^ 0xffffffff) >>> 0
}
