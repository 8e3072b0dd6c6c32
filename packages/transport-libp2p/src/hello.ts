/** The hello: the first frame of a stream. It carries the address of its sender, and when the sender started. */

import type { Address } from '@rumormill/protocol/plugin'

/** The longest hello: an address of 256 bytes, the incarnation, and fields of later versions. */
export const MAX_HELLO_BYTES = 512

/** The byte that ends the address. */
const END = 0

const INCARNATION_BYTES = 8

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export interface Hello {
  readonly address: Address
  /** When the sender started, in milliseconds since 1970, which distinguishes two nodes with one key; 0 when unknown. */
  readonly incarnation: number
}

export function encodeHello({ address, incarnation }: Hello): Uint8Array {
  const text = encoder.encode(address)
  const bytes = new Uint8Array(text.length + 1 + INCARNATION_BYTES)
  bytes.set(text)
  new DataView(bytes.buffer).setBigUint64(text.length + 1, BigInt(incarnation))
  return bytes
}

/** Decodes a hello, and skips fields of later versions after the incarnation. Throws when the address is not UTF-8. */
export function decodeHello(bytes: Uint8Array): Hello {
  const found = bytes.indexOf(END)
  const end = found < 0 ? bytes.length : found
  const rest = bytes.subarray(end + 1)
  const incarnation =
    rest.length < INCARNATION_BYTES
      ? 0
      : Number(new DataView(rest.buffer, rest.byteOffset).getBigUint64(0))
  return { address: decoder.decode(bytes.subarray(0, end)), incarnation }
}
