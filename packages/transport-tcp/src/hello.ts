/**
 * The hello: the first frame of a connection in each direction. It tells groups apart, names the sender, and
 * says which versions of messages it reads.
 *
 * ```text
 *   dialer                                listener
 *   |-- hello(label, address, versions) ->|   accepted only if the address is where the connection comes from
 *   |<----- hello(verdict, label, ...) ---|   then messages flow both ways; or the listener closes after a refusal
 * ```
 * Byte by byte in `docs/wire-tcp.md`.
 */

import { GossipError, isAddress, type Address } from '@rumormill/protocol'

/** What the listener thinks of the dialer's hello. A dialer always says `welcome`. */
export type Verdict =
  | 'welcome'
  | 'other-protocol'
  | 'address-refused'
  | 'full'
  | 'other-version'
  | 'identity-in-use'

/** Versions of messages, both ends included. */
export interface VersionRange {
  readonly first: number
  readonly last: number
}

export interface Hello {
  readonly verdict: Verdict
  /** The protocol label of the group, such as `/rumormill/1/default/binary`. */
  readonly label: string
  /** Where the sender says it can be reached. Not yet verified. */
  readonly address: Address
  /** What the sender reads; 0 to 255. */
  readonly versions: VersionRange
  /** When the sender started, in milliseconds since 1970, to tell two nodes of one address apart; 0 when it does not say. */
  readonly incarnation: number
}

/** A hello of a peer. */
export interface HeardHello extends Omit<Hello, 'verdict'> {
  /** `refused` when it is a verdict of a later version: it is no welcome, whatever it means. */
  readonly verdict: Verdict | 'refused'
}

/** The longest label a hello carries, in bytes of UTF-8. */
export const MAX_LABEL_BYTES = 512

/** The longest hello, in bytes, frame header not counted. */
export const MAX_HELLO_BYTES = 1024

/** 'RMHI', then the version of this layout. */
const MAGIC = [0x52, 0x4d, 0x48, 0x49] as const
const VERSION = 1
/** By their numbers on the wire: new ones come last. */
const VERDICTS: readonly Verdict[] = [
  'welcome',
  'other-protocol',
  'address-refused',
  'full',
  'other-version',
  'identity-in-use'
]

/** What the sender can do beyond the versions. No flag has a meaning yet, so none is set and none is read. */
const FLAGS_BYTES = 4

const INCARNATION_BYTES = 8

const utf8 = new TextEncoder()
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The body of the frame. `label` and `address` are within their limits: configuration has checked them. */
export function encodeHello({ verdict, label, address, versions, incarnation }: Hello): Uint8Array {
  const labelBytes = utf8.encode(label)
  const addressBytes = utf8.encode(address)
  const head = [...MAGIC, VERSION, VERDICTS.indexOf(verdict)]
  const tail = [versions.first, versions.last, ...Array<number>(FLAGS_BYTES).fill(0)]
  const began = new Uint8Array(INCARNATION_BYTES)
  new DataView(began.buffer).setBigUint64(0, BigInt(incarnation))
  return Uint8Array.from([
    ...head,
    ...withLength(labelBytes),
    ...withLength(addressBytes),
    ...tail,
    ...began
  ])
}

/**
 * Throws MALFORMED_MESSAGE for what is no hello, PROTOCOL_MISMATCH for a hello of another layout. What follows the
 * incarnation are fields of later versions: they are passed over.
 */
export function decodeHello(bytes: Uint8Array): HeardHello {
  if (MAGIC.some((byte, index) => bytes[index] !== byte))
    throw malformed('it does not start with RMHI')
  if (bytes[4] === undefined) throw malformed('it ends too early')
  if (bytes[4] !== VERSION) {
    throw new GossipError(
      'PROTOCOL_MISMATCH',
      `the peer speaks version ${bytes[4]} of the hello, this node version ${VERSION}`
    )
  }
  if (bytes[5] === undefined) throw malformed('it ends too early')
  const verdict = VERDICTS[bytes[5]] ?? 'refused'
  const label = readText(bytes, 6)
  const address = readText(bytes, label.end)
  const versions = readVersions(bytes, address.end)
  if (label.byteLength > MAX_LABEL_BYTES) throw malformed('its label is too long')
  if (!isAddress(address.text)) throw malformed('its address is empty or too long')
  const incarnation = readIncarnation(bytes, address.end + 2 + FLAGS_BYTES)
  return { verdict, label: label.text, address: address.text, versions, incarnation }
}

function withLength(bytes: Uint8Array): number[] {
  return [bytes.length >> 8, bytes.length & 0xff, ...bytes]
}

function readText(
  bytes: Uint8Array,
  at: number
): { text: string; byteLength: number; end: number } {
  const high = bytes[at]
  const low = bytes[at + 1]
  if (high === undefined || low === undefined) throw malformed('it ends too early')
  const byteLength = high * 256 + low
  const end = at + 2 + byteLength
  if (end > bytes.length) throw malformed('it ends too early')
  try {
    return { text: strictUtf8.decode(bytes.subarray(at + 2, end)), byteLength, end }
  } catch (cause) {
    throw malformed('its text is not UTF-8', cause)
  }
}

/** The versions, which the flags must follow. */
function readVersions(bytes: Uint8Array, at: number): VersionRange {
  const first = bytes[at]
  const last = bytes[at + 1]
  if (first === undefined || last === undefined || at + 2 + FLAGS_BYTES > bytes.length)
    throw malformed('it ends too early')
  if (first > last) throw malformed('its first version is after its last')
  return { first, last }
}

function readIncarnation(bytes: Uint8Array, at: number): number {
  if (at + INCARNATION_BYTES > bytes.length) throw malformed('it ends too early')
  return Number(new DataView(bytes.buffer, bytes.byteOffset + at).getBigUint64(0))
}

function malformed(why: string, cause?: unknown): GossipError {
  return new GossipError(
    'MALFORMED_MESSAGE',
    `the connection does not begin with a hello of rumormill: ${why}`,
    { cause }
  )
}
