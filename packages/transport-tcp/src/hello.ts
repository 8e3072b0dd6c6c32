/**
 * The hello: the first frame of a connection in each direction. It carries the label of the group, the address of the
 * sender, and the message versions that the sender reads.
 *
 * ```text
 *   dialer                                listener
 *   |-- hello(label, address, versions) ->|   accepted only if the address is where the connection comes from
 *   |<----- hello(status, label, ...) ----|   then messages flow both ways; or the listener closes after a refusal
 * ```
 * `docs/wire-tcp.md` specifies every byte.
 */

import { GossipError, isAddress, type Address } from '@rumormill/protocol/plugin'

/** The listener's response to the dialer's hello. A dialer always sends `welcome`. */
export type HelloStatus =
  | 'welcome'
  | 'other-protocol'
  | 'address-refused'
  | 'full'
  | 'other-version'
  | 'identity-in-use'

/** A range of message versions, both ends included. */
export interface VersionRange {
  readonly first: number
  readonly last: number
}

export interface Hello {
  readonly status: HelloStatus
  /** The protocol label of the group, such as `/rumormill/1/default/binary`. */
  readonly label: string
  /** The address at which the sender claims to be reachable; not yet verified. */
  readonly address: Address
  /** The versions that the sender reads; 0 to 255. */
  readonly versions: VersionRange
  /** When the sender started, in milliseconds since 1970, which distinguishes two nodes with one address; 0 when unknown. */
  readonly incarnation: number
}

/** A decoded hello of a peer. */
export interface ReceivedHello extends Omit<Hello, 'status'> {
  /** `refused` stands for any status of a later version. */
  readonly status: HelloStatus | 'refused'
}

/** The longest label a hello carries, in bytes of UTF-8. */
export const MAX_LABEL_BYTES = 512

/** The longest hello, in bytes, without the frame header. */
export const MAX_HELLO_BYTES = 1024

/** 'RMHI', then the version of this layout. */
const MAGIC = [0x52, 0x4d, 0x48, 0x49] as const
const VERSION = 1
/** The index is the number on the wire, so new values must be appended. */
const STATUSES: readonly HelloStatus[] = [
  'welcome',
  'other-protocol',
  'address-refused',
  'full',
  'other-version',
  'identity-in-use'
]

/** Reserved for features beyond the versions. No flag has a meaning yet, so all are zero and none is read. */
const FLAGS_BYTES = 4

const INCARNATION_BYTES = 8

const utf8 = new TextEncoder()
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Returns the body of the frame. The options have been checked, so `label` and `address` are within their limits. */
export function encodeHello({ status, label, address, versions, incarnation }: Hello): Uint8Array {
  const labelBytes = utf8.encode(label)
  const addressBytes = utf8.encode(address)
  const head = [...MAGIC, VERSION, STATUSES.indexOf(status)]
  const tail = [versions.first, versions.last, ...Array<number>(FLAGS_BYTES).fill(0)]
  const incarnationBytes = new Uint8Array(INCARNATION_BYTES)
  new DataView(incarnationBytes.buffer).setBigUint64(0, BigInt(incarnation))
  return Uint8Array.from([
    ...head,
    ...withLength(labelBytes),
    ...withLength(addressBytes),
    ...tail,
    ...incarnationBytes
  ])
}

/**
 * Decodes a hello. Throws MALFORMED_MESSAGE for anything else, and PROTOCOL_MISMATCH for a hello of another layout. Fields of
 * later versions, which follow the incarnation, are skipped.
 */
export function decodeHello(bytes: Uint8Array): ReceivedHello {
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
  const status = STATUSES[bytes[5]] ?? 'refused'
  const label = readText(bytes, 6)
  const address = readText(bytes, label.end)
  const versions = readVersions(bytes, address.end)
  if (label.byteLength > MAX_LABEL_BYTES) throw malformed('its label is too long')
  if (!isAddress(address.text)) throw malformed('its address is empty or too long')
  const incarnation = readIncarnation(bytes, address.end + 2 + FLAGS_BYTES)
  return { status, label: label.text, address: address.text, versions, incarnation }
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

/** Returns the versions. Throws when they or the flags after them are missing. */
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
