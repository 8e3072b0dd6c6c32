/**
 * The frames of a stream: a header of four bytes (the kind of the frame, and the length of its body in 24 bits, big-endian),
 * then the body. `docs/wire-tcp.md` specifies every byte.
 */

/** The size of a frame header. */
export const HEADER_BYTES = 4

/** The longest body. Longer messages are sent in parts, between which other messages are sent. */
export const MAX_FRAME_BYTES = 65_536

/** The kinds of frames. Receivers skip kinds that they do not know. */
export const FRAME_KIND = {
  /** A whole message; as the first frame of a stream, a hello. */
  message: 0,
  /** The next part of a message that is too large for one frame. Only one such message is sent at a time. */
  part: 1,
  /** The last part of such a message. */
  lastPart: 2,
  /** A number, which the peer must answer with a pong. */
  ping: 3,
  /** The number of the latest ping, and the bytes of messages received so far. */
  pong: 4,
  /** The reason why the sender closes the stream. */
  goodbye: 5
} as const

/** An outgoing frame: a whole message, or a kind and a body. */
export type OutFrame = Uint8Array | { readonly kind: number; readonly body: Uint8Array }

/** The reasons to close a stream. The index is the number on the wire, so new reasons must be appended. */
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
  full: 'it has too many connections, or closes unused ones to accept others',
  banned: 'it has banned this node for violations from its address',
  unauthorized: 'its `authorize` refuses this node',
  'identity-in-use': 'another running node has the same address or id',
  'other-protocol': 'it belongs to another group, or uses another codec',
  'address-moved': 'this node has another address now',
  idle: 'it was idle for too long'
}

/** Returns the meaning of a goodbye reason, as the end of a sentence. */
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

/** Returns the number of a ping or pong; `undefined` when the body is too short. */
export function readNumber(body: Uint8Array): number | undefined {
  return body.length < 4 ? undefined : viewOf(body).getUint32(0)
}

/** Returns the bytes received that a pong reports; `undefined` when the body is too short. */
export function readReceivedBytes(body: Uint8Array): number | undefined {
  return body.length < 12 ? undefined : Number(viewOf(body).getBigUint64(4))
}

/** Returns the reason of a goodbye; `undefined` for a reason of a later version. */
export function readReason(body: Uint8Array): GoodbyeReason | undefined {
  return GOODBYE_REASONS[body[0] ?? GOODBYE_REASONS.length]
}

function viewOf(body: Uint8Array): DataView {
  return new DataView(body.buffer, body.byteOffset, body.byteLength)
}
