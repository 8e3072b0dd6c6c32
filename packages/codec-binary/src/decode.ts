/** Decodes messages. Checks every count and length against the limits and the remaining bytes before it is used. */

import {
  DIGEST_BYTES,
  FIELDS,
  MAX_ADDRESS_BYTES,
  MAX_AGE,
  MESSAGES,
  type Message,
  type MessageKind,
  type Peer
} from '@rumormill/protocol/plugin'
import { MAX_NUMBER_BYTES, VERSION } from './layout.ts'
import type { Limits } from './limits.ts'
import { malformed, unknown } from './malformed.ts'
import { allocate, type Slab } from './slab.ts'

/** Strict, and keeps a byte order mark, so that every decoded text encodes to the same bytes again. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** Typed arrays of up to this size are in V8's heap: they are cheap to create and keep no other memory alive. */
const TINY_CONTENT_BYTES = 64

/** Contents of up to this size may share a copy with adjacent ones of the message. */
const LARGEST_SHARED_CONTENT_BYTES = 2048

/** The size of a shared copy: the most of its message that a retained content keeps alive. */
const SHARED_COPY_BYTES = 16_384

/**
 * Returns the message in `input`, which shares no memory with it. Throws UNKNOWN_MESSAGE for another version or kind, and
 * MALFORMED_MESSAGE for invalid bytes. Skips bytes after the last field, which belong to fields of later versions.
 */
export function decodeMessage(input: Uint8Array, limits: Limits, slab: Slab): Message {
  const reader = new Reader(plain(input))
  if (reader.byte() !== VERSION) throw unknown('version')
  const kind = KINDS[reader.byte()]
  if (kind === undefined) throw unknown('kind')
  return readFields(kind, reader, limits, slab)
}

/** The kinds by their numbers. */
const KINDS = Object.entries(MESSAGES).reduce<MessageKind[]>((kinds, [kind, { number }]) => {
  kinds[number] = kind as MessageKind
  return kinds
}, [])

function readFields(kind: MessageKind, reader: Reader, limits: Limits, slab: Slab): Message {
  switch (kind) {
    case 'view-request':
    case 'view-response':
      return { kind, view: readView(reader, limits) }
    case 'digest-request':
    case 'digest-response':
    case 'content-request':
    case 'ihave':
      return { kind, digests: readDigests(reader, limits, slab) }
    case 'content-response':
      return { kind, ...readContents(reader, limits) }
    case 'neighbor':
      return { kind }
    case 'eager-push':
      return {
        kind,
        tree: reader.number(),
        check: reader.number(),
        ...readContents(reader, limits)
      }
    case 'prune':
      return { kind, tree: reader.number() }
    case 'refused':
      return { kind, tree: reader.number(), digests: readDigests(reader, limits, slab) }
    case 'sketch-request':
      return {
        kind,
        fingerprint: reader.bytesOf(FIELDS.fingerprint.most),
        first: reader.symbol(),
        count: reader.symbol()
      }
    case 'sketch-response':
      return {
        kind,
        fingerprint: reader.bytesOf(FIELDS.fingerprint.most),
        updates: reader.number(),
        first: reader.symbol(),
        symbols: readParts(reader, FIELDS.symbols.unit)
      }
    case 'difference-request': {
      const count = reader.count(limits.maxDigests, 'too many digests')
      const digests = reader.bytesOf(DIGEST_BYTES * count)
      return { kind, digests, ids: readParts(reader, FIELDS.ids.unit) }
    }
  }
}

/** Returns a plain Uint8Array over the bytes. A Buffer would not do, because its `slice` does not copy. */
function plain(input: Uint8Array): Uint8Array {
  if (input?.constructor === Uint8Array) return input
  if (!ArrayBuffer.isView(input)) throw malformed('not bytes')
  return new Uint8Array(input.buffer, input.byteOffset, input.byteLength)
}

/** Decodes a view in three passes: checks lengths and ages, decodes all addresses, then reads lengths and ages again. */
function readView(reader: Reader, limits: Limits): Peer[] {
  const count = reader.count(limits.maxPeers, 'too many peers')
  const start = reader.at
  let addressBytes = 0
  for (let index = 0; index < count; index++) {
    const length = reader.number()
    if (length === 0 || length > MAX_ADDRESS_BYTES) throw malformed('address length out of range')
    if (reader.number() > MAX_AGE) throw malformed('age out of range')
    addressBytes += length
  }
  if (addressBytes > reader.left()) throw malformed('length of addresses')
  if (count === 0) return []
  const addresses = reader.bytes.subarray(reader.at, reader.at + addressBytes)
  const text = readText(addresses)
  reader.at = start
  // As many characters as bytes means ASCII, so that the text can be sliced at byte offsets.
  return text.length === addressBytes
    ? cutText(text, reader, count)
    : cutBytes(addresses, reader, count)
}

function readText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw malformed('address is not UTF-8')
  }
}

/** Slices the addresses out of an ASCII text. A slice may keep the whole text alive: at most 32 KiB with the default limit. */
function cutText(text: string, reader: Reader, count: number): Peer[] {
  const view: Peer[] = []
  let at = 0
  for (let index = 0; index < count; index++) {
    const end = at + reader.number()
    view.push({ address: text.slice(at, end), age: reader.number() })
    at = end
  }
  return view
}

/** Decodes each address by itself: a text that is valid as a whole may be cut inside a character. */
function cutBytes(bytes: Uint8Array, reader: Reader, count: number): Peer[] {
  const view: Peer[] = []
  let at = 0
  for (let index = 0; index < count; index++) {
    const end = at + reader.number()
    view.push({ address: readText(bytes.subarray(at, end)), age: reader.number() })
    at = end
  }
  return view
}

function readDigests(reader: Reader, limits: Limits, slab: Slab): Uint8Array {
  const count = reader.count(limits.maxDigests, 'too many digests')
  const sizeBytes = count * DIGEST_BYTES
  if (sizeBytes > reader.left()) throw malformed('length of digests')
  const digests = slab.claim(sizeBytes)
  digests.set(reader.bytes.subarray(reader.at, (reader.at += sizeBytes)))
  return digests
}

/** Decodes coded symbols or short ids, which follow their length in bytes. */
function readParts(reader: Reader, unitBytes: number): Uint8Array {
  const length = reader.number()
  if (length % unitBytes !== 0 || length > FIELDS.symbols.most)
    throw malformed('length of symbols or short ids')
  return reader.bytesOf(length)
}

/**
 * Decodes contents. A content that is most of the input is a view of it; any other is copied. Adjacent small contents share a
 * copy of up to {@link SHARED_COPY_BYTES}: they are mostly released together, and separate buffers would cost more than the
 * contents. Tiny and large ones have their own copies. No copy is shared between messages, so that a retained content never
 * keeps the bytes of another peer alive.
 */
function readContents(reader: Reader, limits: Limits): { contents: Uint8Array[]; ages: number[] } {
  const { bytes } = reader
  const count = reader.count(limits.maxContents, 'too many contents')
  const contents: Uint8Array[] = []
  const ages: number[] = []
  let shared: Uint8Array | undefined
  let sharedStart = 0
  let sharedEnd = 0
  for (let index = 0; index < count; index++) {
    const length = reader.number()
    const life = reader.number()
    // After an odd number follows a time to live, which this version skips.
    if ((life & 1) === 1) reader.number()
    ages.push(life >> 1)
    if (length > reader.left()) throw malformed('content longer than the message')
    const start = reader.at
    const end = (reader.at += length)
    if (length <= TINY_CONTENT_BYTES) {
      contents.push(bytes.slice(start, end))
    } else if (length > LARGEST_SHARED_CONTENT_BYTES || count === 1) {
      contents.push(
        isMost(bytes, length)
          ? new Uint8Array(bytes.buffer, bytes.byteOffset + start, length)
          : copy(bytes, start, end)
      )
    } else {
      if (shared === undefined || end > sharedEnd) {
        sharedStart = start
        sharedEnd = Math.min(start + SHARED_COPY_BYTES, bytes.length)
        shared = copy(bytes, sharedStart, sharedEnd)
      }
      contents.push(shared.subarray(start - sharedStart, end - sharedStart))
    }
  }
  return { contents, ages }
}

/** Returns whether the buffer behind `bytes` has at most twice `length` bytes, so that a view may keep it alive. */
function isMost(bytes: Uint8Array, length: number): boolean {
  return 2 * length >= bytes.buffer.byteLength
}

function copy(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const own = allocate(end - start)
  own.set(bytes.subarray(start, end))
  return own
}

/** Reads fields one after the other. */
class Reader {
  readonly bytes: Uint8Array
  at = 0

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  left(): number {
    return this.bytes.length - this.at
  }

  byte(): number {
    if (this.left() === 0) throw malformed('no version or kind')
    return this.bytes[this.at++]!
  }

  /** Reads a count of items that take at least one byte each. */
  count(limit: number, reason: string): number {
    const count = this.number()
    if (count > limit) throw malformed(reason)
    if (count > this.left()) throw malformed('count beyond the message')
    return count
  }

  /** Reads an unsigned LEB128 number, which must have its shortest form. */
  number(): number {
    const { bytes } = this
    let value = 0
    for (let shift = 0; shift < 7 * MAX_NUMBER_BYTES; shift += 7) {
      if (this.at >= bytes.length) throw malformed('number cut off')
      const byte = bytes[this.at++]!
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) {
        if (byte === 0 && shift > 0) throw malformed('number not in its shortest form')
        return value
      }
    }
    throw malformed('number too large')
  }

  /** Reads a number of symbols, or the index of one. */
  symbol(): number {
    const value = this.number()
    if (value > FIELDS.first.most) throw malformed('symbol out of range')
    return value
  }

  /** Reads a copy of the next `length` bytes. */
  bytesOf(length: number): Uint8Array {
    if (length > this.left()) throw malformed('cut off')
    const start = this.at
    this.at += length
    return copy(this.bytes, start, this.at)
  }
}
