/** Peers as a node knows them: the node descriptors of Jelasity et al. 2007, section 2.1. */

/**
 * Where a node can be reached. Only the transport that made an address parses it; all others compare, store and send it.
 * At most 256 bytes as UTF-8, well-formed, not empty.
 */
export type Address = string

/** The longest address in a message, in bytes of UTF-8. Longer ones are malformed. A guess: multiaddrs need about 80. */
export const MAX_ADDRESS_BYTES = 256

/** The highest age on the wire: an unsigned 16-bit number, as in the reference crate. Older entries stay at it. */
export const MAX_AGE = 65_535

/** An entry of a view: an address, and how many exchanges ago its owner sent it (0 = just now). */
export interface Peer {
  readonly address: Address
  /** A number of exchanges, from 0 to {@link MAX_AGE}. */
  readonly age: number
}

const utf8 = new TextEncoder()

/** Returns whether `value` may stand in a view: a non-empty, well-formed string of at most {@link MAX_ADDRESS_BYTES} bytes. */
export function isAddress(value: unknown): value is Address {
  if (typeof value !== 'string' || value.length === 0 || value.length > MAX_ADDRESS_BYTES)
    return false
  return (
    isWellFormed(value) &&
    (value.length * 3 <= MAX_ADDRESS_BYTES || utf8.encode(value).length <= MAX_ADDRESS_BYTES)
  )
}

/** Returns whether `text` has no lone surrogate. It has no UTF-8 form, so the address would arrive changed. */
function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text)
}
