/**
 * Frames: what a stream carries. A header of four bytes, the kind of the frame and the length of its body (24 bits,
 * big-endian), and the body. Byte by byte in `docs/wire-tcp.md`.
 */

/** The bytes before each body. */
export const HEADER_BYTES = 4

/** The longest body. Longer messages travel in parts, between which others pass. */
export const MAX_FRAME_BYTES = 65_536

/** What a body is. Receivers pass over kinds that they do not know. */
export const FRAME_KIND = {
  /** A whole message; as the first frame of a stream, a hello. */
  message: 0,
  /** The next part of a message that is too large for one frame. One such message is under way at a time. */
  part: 1,
  /** Its last part. */
  lastPart: 2,
  /** A number, to be answered by a pong. */
  ping: 3,
  /** The number of the latest ping, and how many bytes of messages have been received. */
  pong: 4,
  /** Why the sender closes the stream. */
  goodbye: 5
} as const

/** A frame to be written: a whole message as it is, or a kind and a body. */
export type OutFrame = Uint8Array | { readonly kind: number; readonly body: Uint8Array }

/** Why a peer closes a stream. By their numbers on the wire: new ones come last. */
export const GOODBYE_REASONS = [
  'stopping',
  'full',
  'banned',
  'unauthorized',
  'identity-in-use',
  'other-protocol',
  'address-moved',
  'idle'
] as const

export type GoodbyeReason = (typeof GOODBYE_REASONS)[number]

const GOODBYE_TEXTS: { readonly [reason in GoodbyeReason]: string } = {
  stopping: 'it is stopping',
  full: 'it has too many connections, or needs the room for others',
  banned: 'it has banned this node for what came from its address',
  unauthorized: 'it does not deal with this node, by its `authorize`',
  'identity-in-use': 'another living node has the same address or id',
  'other-protocol': 'it belongs to another group, or uses another codec',
  'address-moved': 'this node has another address now',
  idle: 'it was not used for long'
}

/** What a goodbye means, as the end of a sentence. */
export function goodbyeText(reason: GoodbyeReason | undefined): string {
  return reason === undefined
    ? 'for a reason that this version does not know'
    : GOODBYE_TEXTS[reason]
}

/** Writes the header of a frame at `at`. */
export function writeHeader(target: Uint8Array, at: number, kind: number, bodyBytes: number): void {
  target[at] = kind
  target[at + 1] = bodyBytes >>> 16
  target[at + 2] = bodyBytes >>> 8
  target[at + 3] = bodyBytes
}

export function pingFrame(number: number): OutFrame {
  const body = new Uint8Array(4)
  new DataView(body.buffer).setUint32(0, number)
  return { kind: FRAME_KIND.ping, body }
}

export function pongFrame(number: number, receivedBytes: number): OutFrame {
  const body = new Uint8Array(12)
  const view = new DataView(body.buffer)
  view.setUint32(0, number)
  view.setBigUint64(4, BigInt(receivedBytes))
  return { kind: FRAME_KIND.pong, body }
}

export function goodbyeFrame(reason: GoodbyeReason): OutFrame {
  return { kind: FRAME_KIND.goodbye, body: Uint8Array.of(GOODBYE_REASONS.indexOf(reason)) }
}

/** The number of a ping or pong; `undefined` when the body is too short. */
export function readNumber(body: Uint8Array): number | undefined {
  return body.length < 4 ? undefined : viewOf(body).getUint32(0)
}

/** The bytes that a pong has counted; `undefined` when the body is too short. */
export function readReceivedBytes(body: Uint8Array): number | undefined {
  return body.length < 12 ? undefined : Number(viewOf(body).getBigUint64(4))
}

/** `undefined` for a reason of a later version. */
export function readReason(body: Uint8Array): GoodbyeReason | undefined {
  return GOODBYE_REASONS[body[0] ?? GOODBYE_REASONS.length]
}

function viewOf(body: Uint8Array): DataView {
  return new DataView(body.buffer, body.byteOffset, body.byteLength)
}
