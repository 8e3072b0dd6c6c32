/**
 * A codec written by hand only for speed: fixed layouts, one exact allocation, and no checks except for bounds. It has no
 * limits, no canonical form, no compression, and only the kinds of the samples.
 */

import { DIGEST_BYTES, type Message, type MessageKind, type Peer } from '@rumormill/protocol/plugin'

const KINDS: readonly MessageKind[] = [
  'view-request',
  'view-response',
  'digest-request',
  'digest-response',
  'content-request',
  'content-response'
]
/** The kind, then a count of peers, digests or contents. */
const HEAD_BYTES = 5
/** The length and the age before an address. */
const PEER_BYTES = 4
/** The length and the age before a content. */
const CONTENT_BYTES = 8

export function encodeByHand(message: Message): Uint8Array {
  const kind = KINDS.indexOf(message.kind)
  if ('view' in message) return encodeView(kind, message.view)
  if ('contents' in message) return encodeContents(kind, message.contents, message.ages)
  if (!('digests' in message)) throw new RangeError(`${message.kind} is not among the samples`)
  const bytes = begin(kind, message.digests.length / DIGEST_BYTES, message.digests.length)
  bytes.set(message.digests, HEAD_BYTES)
  return bytes
}

export function decodeByHand(bytes: Uint8Array): Message {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const kind = KINDS[buffer.readUInt8(0)]
  const count = buffer.readUInt32LE(1)
  switch (kind) {
    case 'view-request':
    case 'view-response':
      return { kind, view: decodeView(buffer, count) }
    case 'digest-request':
    case 'digest-response':
    case 'content-request':
      if (buffer.length !== HEAD_BYTES + count * DIGEST_BYTES)
        throw new RangeError('length of digests')
      return { kind, digests: copy(buffer, HEAD_BYTES, buffer.length) }
    case 'content-response':
      return { kind, ...decodeContents(buffer, count) }
    default:
      throw new RangeError('unknown kind')
  }
}

function begin(kind: number, count: number, moreBytes: number): Buffer {
  const bytes = Buffer.allocUnsafe(HEAD_BYTES + moreBytes)
  bytes[0] = kind
  bytes.writeUInt32LE(count, 1)
  return bytes
}

function encodeView(kind: number, view: readonly Peer[]): Uint8Array {
  let moreBytes = 0
  for (const { address } of view) moreBytes += PEER_BYTES + Buffer.byteLength(address)
  const bytes = begin(kind, view.length, moreBytes)
  let at = HEAD_BYTES
  for (const { address, age } of view) {
    const length = bytes.write(address, at + PEER_BYTES)
    bytes.writeUInt16LE(length, at)
    bytes.writeUInt16LE(age, at + 2)
    at += PEER_BYTES + length
  }
  return bytes
}

function decodeView(buffer: Buffer, count: number): Peer[] {
  const view: Peer[] = []
  let at = HEAD_BYTES
  for (let index = 0; index < count; index++) {
    const end = at + PEER_BYTES + buffer.readUInt16LE(at)
    if (end > buffer.length) throw new RangeError('address cut off')
    view.push({
      address: buffer.toString('utf8', at + PEER_BYTES, end),
      age: buffer.readUInt16LE(at + 2)
    })
    at = end
  }
  return view
}

function encodeContents(
  kind: number,
  contents: readonly Uint8Array[],
  ages: readonly number[]
): Uint8Array {
  let moreBytes = 0
  for (const content of contents) moreBytes += CONTENT_BYTES + content.length
  const bytes = begin(kind, contents.length, moreBytes)
  let at = HEAD_BYTES
  for (const [index, content] of contents.entries()) {
    bytes.writeUInt32LE(content.length, at)
    bytes.writeUInt32LE(ages[index]!, at + 4)
    bytes.set(content, at + CONTENT_BYTES)
    at += CONTENT_BYTES + content.length
  }
  return bytes
}

function decodeContents(buffer: Buffer, count: number): { contents: Uint8Array[]; ages: number[] } {
  const contents: Uint8Array[] = []
  const ages: number[] = []
  let at = HEAD_BYTES
  for (let index = 0; index < count; index++) {
    const start = at + CONTENT_BYTES
    ages.push(buffer.readUInt32LE(at + 4))
    at = start + buffer.readUInt32LE(at)
    if (at > buffer.length) throw new RangeError('content cut off')
    contents.push(isMost(buffer, at - start) ? buffer.subarray(start, at) : copy(buffer, start, at))
  }
  return { contents, ages }
}

/** Returns whether a view of `length` bytes keeps at most twice its length alive; the port then requires no copy. */
export function isMost({ buffer }: Uint8Array, length: number): boolean {
  return 2 * length >= buffer.byteLength
}

/** Copies in the fastest way of Node.js: small buffers come from its pool. */
function copy(buffer: Buffer, start: number, end: number): Uint8Array {
  const own = Buffer.allocUnsafe(end - start)
  buffer.copy(own, 0, start, end)
  return own
}
