/** The hello: the first frame of a stream. It says where its writer can be dialled, and when it started. */

import type { Address } from '@rumormill/protocol'

/** The longest hello: an address of 256 bytes, what follows it, and room for fields of later versions. */
export const MAX_HELLO_BYTES = 512

/** Ends the address. */
const END = 0

const INCARNATION_BYTES = 8

const encoder = new TextEncoder()
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export interface Hello {
  readonly address: Address
  /** When the writer started, in milliseconds since 1970, to tell two nodes of one key apart; 0 when it does not say. */
  readonly incarnation: number
}

export function encodeHello({ address, incarnation }: Hello): Uint8Array {
  const text = encoder.encode(address)
  const bytes = new Uint8Array(text.length + 1 + INCARNATION_BYTES)
  bytes.set(text)
  new DataView(bytes.buffer).setBigUint64(text.length + 1, BigInt(incarnation))
  return bytes
}

/** What follows the incarnation is of later versions. Throws when the address is no UTF-8. */
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
