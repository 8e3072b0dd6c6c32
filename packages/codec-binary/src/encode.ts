/** Encodes messages. Computes the size before the first byte is written, so that nothing is copied. */

import {
  DIGEST_BYTES,
  FIELDS,
  isAddress,
  isBytes,
  MAX_ADDRESS_BYTES,
  MAX_AGE,
  MESSAGES,
  type Message,
  type MessageOf,
  type Peer
} from '@rumormill/protocol/plugin'
import { HEAD_BYTES, MAX_NUMBER, VERSION } from './layout.ts'
import type { Limits } from './limits.ts'
import { malformed } from './malformed.ts'
import type { Slab } from './slab.ts'

const utf8 = new TextEncoder()

/**
 * Returns the bytes of `message`, which the caller may keep. Throws MALFORMED_MESSAGE for an invalid message or one above
 * `limits`.
 */
export function encodeMessage(message: Message, limits: Limits, slab: Slab): Uint8Array {
  // Checked for callers without types, which get an error with a code, not a TypeError.
  switch (message?.kind) {
    case 'view-request':
      return encodeView(MESSAGES['view-request'].number, message.view, limits, slab)
    case 'view-response':
      return encodeView(MESSAGES['view-response'].number, message.view, limits, slab)
    case 'digest-request':
      return encodeDigests(MESSAGES['digest-request'].number, message.digests, limits, slab)
    case 'digest-response':
      return encodeDigests(MESSAGES['digest-response'].number, message.digests, limits, slab)
    case 'content-request':
      return encodeDigests(MESSAGES['content-request'].number, message.digests, limits, slab)
    case 'content-response':
      return encodeContents(MESSAGES['content-response'].number, [], message, limits, slab)
    case 'neighbor':
      return encodeHead(MESSAGES.neighbor.number, slab)
    case 'ihave':
      return encodeDigests(MESSAGES.ihave.number, message.digests, limits, slab)
    case 'eager-push':
      return encodePush(message, limits, slab)
    case 'prune':
      return encodePrune(checked(message.tree, 'tree'), slab)
    case 'sketch-request':
      return encodeSketch(
        message,
        checkedSymbol(message.first),
        checkedSymbol(message.count),
        undefined,
        slab
      )
    case 'sketch-response':
      return encodeSketch(
        message,
        checked(message.updates, 'updates'),
        checkedSymbol(message.first),
        message.symbols,
        slab
      )
    case 'difference-request':
      return encodeDifference(message, limits, slab)
    case 'refused':
      return encodeRefused(message, limits, slab)
    default:
      return unknownKind(message)
  }
}

/** Refuses what callers without types pass. A kind that is missing above does not compile. */
function unknownKind(_message: never): never {
  throw malformed('unknown kind')
}

/** Writes lengths and ages, then all addresses as one text, which needs only one native call. */
function encodeView(kind: number, view: readonly Peer[], limits: Limits, slab: Slab): Uint8Array {
  if (!Array.isArray(view)) throw malformed('view is not a list')
  if (view.length > limits.maxPeers) throw malformed('too many peers')
  let text = ''
  let headBytes = HEAD_BYTES + sizeOf(view.length)
  for (let index = 0; index < view.length; index++) {
    const { address, age } = checkedPeer(view[index])
    text += address
    headBytes += sizeOf(address.length) + sizeOf(age)
  }
  const bytes = slab.claim(headBytes + text.length)
  let at = writeHead(bytes, kind, view.length)
  for (let index = 0; index < view.length; index++) {
    at = writeNumber(bytes, at, view[index]!.address.length)
    at = writeNumber(bytes, at, view[index]!.age)
  }
  if (text.length === 0) return bytes
  const { read, written } = utf8.encodeInto(text, bytes.subarray(at))
  // As many bytes as characters means ASCII. Otherwise the lengths just written are wrong.
  return read === text.length && written === text.length ? bytes : encodeWideView(kind, view, slab)
}

function checkedPeer(peer: Peer | undefined): Peer {
  if (typeof peer !== 'object' || peer === null) throw malformed('peer is not an object')
  const { address, age } = peer
  // The other rules of addresses (complete surrogate pairs, bytes) only concern those that are not ASCII.
  if (typeof address !== 'string' || address.length === 0 || address.length > MAX_ADDRESS_BYTES) {
    throw malformed('not an address')
  }
  // True only for the integers from 0 to MAX_AGE, because MAX_AGE is all ones in binary.
  if ((age & MAX_AGE) !== age) throw malformed('age out of range')
  return peer
}

/** Writes a view with addresses that are not ASCII. Rare, so not optimized. */
function encodeWideView(kind: number, view: readonly Peer[], slab: Slab): Uint8Array {
  let sizeBytes = HEAD_BYTES + sizeOf(view.length)
  const addresses = view.map(({ address, age }) => {
    if (!isAddress(address)) throw malformed('not an address')
    const encoded = utf8.encode(address)
    sizeBytes += sizeOf(encoded.length) + sizeOf(age) + encoded.length
    return encoded
  })
  const bytes = slab.claim(sizeBytes)
  let at = writeHead(bytes, kind, view.length)
  view.forEach(({ age }, index) => {
    at = writeNumber(bytes, at, addresses[index]!.length)
    at = writeNumber(bytes, at, age)
  })
  for (const address of addresses) {
    bytes.set(address, at)
    at += address.length
  }
  return bytes
}

function encodeDigests(kind: number, digests: Uint8Array, limits: Limits, slab: Slab): Uint8Array {
  const count = countOf(digests, limits)
  const bytes = slab.claim(HEAD_BYTES + sizeOf(count) + digests.length)
  bytes.set(digests, writeHead(bytes, kind, count))
  return bytes
}

function countOf(digests: Uint8Array, limits: Limits): number {
  if (!isBytes(digests) || digests.length % DIGEST_BYTES !== 0)
    throw malformed('not a block of digests')
  const count = digests.length / DIGEST_BYTES
  if (count > limits.maxDigests) throw malformed('too many digests')
  return count
}

function encodePush(push: MessageOf<'eager-push'>, limits: Limits, slab: Slab): Uint8Array {
  return encodeContents(
    MESSAGES['eager-push'].number,
    [checked(push.tree, 'tree'), checked(push.check, 'check')],
    push,
    limits,
    slab
  )
}

/** Writes `numbers`, then the contents. */
function encodeContents(
  kind: number,
  numbers: readonly number[],
  { contents, ages }: Pick<MessageOf<'eager-push'>, 'contents' | 'ages'>,
  limits: Limits,
  slab: Slab
): Uint8Array {
  if (!Array.isArray(contents)) throw malformed('contents are not a list')
  if (!Array.isArray(ages) || ages.length !== contents.length) throw malformed('not an age each')
  if (contents.length > limits.maxContents) throw malformed('too many contents')
  let sizeBytes = HEAD_BYTES + sizeOf(contents.length)
  for (const number of numbers) sizeBytes += sizeOf(number)
  for (let index = 0; index < contents.length; index++) {
    const content = contents[index]!
    if (!isBytes(content)) throw malformed('content is not bytes')
    if (content.length > MAX_NUMBER) throw malformed('content too long')
    sizeBytes += sizeOf(content.length) + sizeOf(life(ages[index])) + content.length
  }
  const bytes = slab.claim(sizeBytes)
  let at = writeKind(bytes, kind)
  for (const number of numbers) at = writeNumber(bytes, at, number)
  at = writeNumber(bytes, at, contents.length)
  for (let index = 0; index < contents.length; index++) {
    const content = contents[index]!
    at = writeNumber(bytes, at, content.length)
    at = writeNumber(bytes, at, life(ages[index]))
    bytes.set(content, at)
    at += content.length
  }
  return bytes
}

function encodeHead(kind: number, slab: Slab): Uint8Array {
  const bytes = slab.claim(HEAD_BYTES)
  writeKind(bytes, kind)
  return bytes
}

function encodePrune(tree: number, slab: Slab): Uint8Array {
  const bytes = slab.claim(HEAD_BYTES + sizeOf(tree))
  writeHead(bytes, MESSAGES.prune.number, tree)
  return bytes
}

/** Writes the fingerprint, two numbers, and the symbols if the kind has any. */
function encodeSketch(
  { kind, fingerprint }: MessageOf<'sketch-request' | 'sketch-response'>,
  one: number,
  other: number,
  symbols: Uint8Array | undefined,
  slab: Slab
): Uint8Array {
  if (!isBytes(fingerprint) || fingerprint.length !== FIELDS.fingerprint.most)
    throw malformed('not a fingerprint')
  if (symbols !== undefined) checkParts(symbols, FIELDS.symbols.unit)
  const symbolBytes = symbols === undefined ? 0 : sizeOf(symbols.length) + symbols.length
  const start = HEAD_BYTES + FIELDS.fingerprint.most
  const bytes = slab.claim(start + sizeOf(one) + sizeOf(other) + symbolBytes)
  bytes.set(fingerprint, writeKind(bytes, MESSAGES[kind].number))
  const at = writeNumber(bytes, writeNumber(bytes, start, one), other)
  if (symbols !== undefined) writeParts(bytes, at, symbols)
  return bytes
}

function encodeDifference(
  { digests, ids }: MessageOf<'difference-request'>,
  limits: Limits,
  slab: Slab
): Uint8Array {
  checkParts(ids, FIELDS.ids.unit)
  const count = countOf(digests, limits)
  const headBytes = HEAD_BYTES + sizeOf(count) + digests.length
  const bytes = slab.claim(headBytes + sizeOf(ids.length) + ids.length)
  bytes.set(digests, writeHead(bytes, MESSAGES['difference-request'].number, count))
  writeParts(bytes, headBytes, ids)
  return bytes
}

/** Writes the tree, then the digests. */
function encodeRefused(
  { tree, digests }: MessageOf<'refused'>,
  limits: Limits,
  slab: Slab
): Uint8Array {
  const count = countOf(digests, limits)
  checked(tree, 'tree')
  const bytes = slab.claim(HEAD_BYTES + sizeOf(tree) + sizeOf(count) + digests.length)
  bytes.set(digests, writeNumber(bytes, writeHead(bytes, MESSAGES.refused.number, tree), count))
  return bytes
}

/** Writes the length of `parts` in bytes, then `parts`. */
function writeParts(bytes: Uint8Array, at: number, parts: Uint8Array): void {
  bytes.set(parts, writeNumber(bytes, at, parts.length))
}

/** Checks coded symbols or short ids, whose length must be a multiple of `unitBytes`. */
function checkParts(parts: Uint8Array, unitBytes: number): void {
  if (!isBytes(parts) || parts.length % unitBytes !== 0 || parts.length > FIELDS.symbols.most)
    throw malformed('not symbols or short ids')
}

function checkedSymbol(index: number): number {
  if (checked(index, 'symbol') > FIELDS.first.most) throw malformed('symbol out of range')
  return index
}

function checked(number: number, name: string): number {
  // The maximum is all ones in binary, as with ages.
  if ((number & MAX_NUMBER) !== number) throw malformed(`${name} out of range`)
  return number
}

function writeHead(bytes: Uint8Array, kind: number, number: number): number {
  return writeNumber(bytes, writeKind(bytes, kind), number)
}

function writeKind(bytes: Uint8Array, kind: number): number {
  bytes[0] = VERSION
  bytes[1] = kind
  return HEAD_BYTES
}

/**
 * Returns the age of a content as it is written: doubled, because an odd number means that a time to live follows, which
 * this version never writes.
 */
function life(age: number): number {
  if ((age & FIELDS.ages.most) !== age) throw malformed('age out of range')
  return 2 * age
}

/** Returns the bytes that `value` takes as a number. */
function sizeOf(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : 4
}

/** Writes `value` seven bits at a time, lowest first, and returns the offset of the next byte. */
function writeNumber(bytes: Uint8Array, at: number, value: number): number {
  while (value >= 0x80) {
    bytes[at++] = (value & 0x7f) | 0x80
    value >>>= 7
  }
  bytes[at++] = value
  return at
}
