/**
 * The hello: the first frame of a connection in each direction. It tells groups apart and names the sender.
 *
 * ```text
 *   dialer                                listener
 *   |-- hello(label, its address) ------->|   accepted only if the address is where the connection comes from
 *   |<----- hello(verdict, label, ...) ---|   then messages flow both ways; or the listener closes after a refusal
 * ```
 * Byte by byte in `docs/wire-tcp.md`.
 */
import { GossipError, isAddress, type Address } from '@rumormill/protocol'

/** What the listener thinks of the dialer's hello. A dialer always says `welcome`. */
export type Verdict = 'welcome' | 'other-protocol' | 'address-refused' | 'full'

export interface Hello {
  readonly verdict: Verdict
  /** The protocol label of the group, such as `/rumormill/1/default/binary`. */
  readonly label: string
  /** Where the sender says it can be reached. Not yet verified. */
  readonly address: Address
}

/** The longest label a hello carries, in bytes of UTF-8. */
export const MAX_LABEL_BYTES = 512

/** The longest hello, in bytes, frame header not counted. */
export const MAX_HELLO_BYTES = 1024

/** 'RMHI', then the version of this layout. */
const MAGIC = [0x52, 0x4d, 0x48, 0x49] as const
const VERSION = 1
const VERDICTS: readonly Verdict[] = ['welcome', 'other-protocol', 'address-refused', 'full']

const utf8 = new TextEncoder()
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The body of the frame. `label` and `address` are within their limits: configuration has checked them. */
export function encodeHello({ verdict, label, address }: Hello): Uint8Array {
  const labelBytes = utf8.encode(label)
  const addressBytes = utf8.encode(address)
  const head = [...MAGIC, VERSION, VERDICTS.indexOf(verdict)]
  return Uint8Array.from([...head, ...withLength(labelBytes), ...withLength(addressBytes)])
}

/** Throws MALFORMED_MESSAGE for what is no hello, PROTOCOL_MISMATCH for a hello of another version. */
export function decodeHello(bytes: Uint8Array): Hello {
  if (MAGIC.some((byte, index) => bytes[index] !== byte))
    throw malformed('it does not start with RMHI')
  if (bytes[4] === undefined) throw malformed('it ends too early')
  if (bytes[4] !== VERSION) {
    throw new GossipError(
      'PROTOCOL_MISMATCH',
      `the peer speaks version ${bytes[4]} of the hello, this node version ${VERSION}`
    )
  }
  const verdict = VERDICTS[bytes[5] ?? VERDICTS.length]
  if (verdict === undefined) throw malformed('its verdict is unknown')
  const label = readText(bytes, 6)
  const address = readText(bytes, label.end)
  if (address.end !== bytes.length) throw malformed('bytes follow the address')
  if (label.byteLength > MAX_LABEL_BYTES) throw malformed('its label is too long')
  if (!isAddress(address.text)) throw malformed('its address is empty or too long')
  return { verdict, label: label.text, address: address.text }
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

function malformed(why: string, cause?: unknown): GossipError {
  return new GossipError(
    'MALFORMED_MESSAGE',
    `the connection does not begin with a hello of rumormill: ${why}`,
    { cause }
  )
}
