/** Encodes messages as JSON text. Keys always have the same order, so equal messages have equal texts. */

import {
  SYMBOL_UNIT_BYTES,
  DIGEST_BYTES,
  FINGERPRINT_BYTES,
  isAddress,
  MAX_SYMBOLS,
  MAX_CHECK,
  MAX_CONTENT_AGE,
  MAX_COUNT,
  MAX_SKETCH_BYTES,
  MAX_TREE,
  SHORT_ID_UNIT_BYTES,
  type ContentResponse,
  type DigestBlock,
  type Message,
  type Peer,
  type SketchResponse
} from '@rumormill/protocol'
import { contentToText, digestsToText, fingerprintToText } from './bytes.ts'
import type { Limits } from './limits.ts'
import { malformed } from './malformed.ts'
import { isAge, isWhole, VERSION } from './shape.ts'

const utf8 = new TextEncoder()

/**
 * Returns the bytes of `message`, which the caller may keep. Throws MALFORMED_MESSAGE for an invalid message or one above
 * `limits`.
 */
export function encodeMessage(message: Message, limits: Limits): Uint8Array {
  const bytes = utf8.encode(JSON.stringify(toJson(message, limits)))
  if (bytes.length > limits.maxTextBytes) throw malformed('text too long')
  return bytes
}

// Checked for callers without types, which get an error with a code, not a TypeError.
function toJson(message: Message, limits: Limits): unknown {
  switch (message?.kind) {
    case 'view-request':
    case 'view-response':
      return { v: VERSION, kind: message.kind, view: viewToJson(message.view, limits) }
    case 'digest-request':
    case 'digest-response':
    case 'content-request':
    case 'ihave':
      return { v: VERSION, kind: message.kind, digests: digestsToJson(message.digests, limits) }
    case 'neighbor':
      return { v: VERSION, kind: message.kind }
    case 'content-response':
      return { v: VERSION, kind: message.kind, ...contentsToJson(message, limits) }
    case 'eager-push': {
      const { kind, tree, check } = message
      return {
        v: VERSION,
        kind,
        tree: checked(tree, MAX_TREE),
        check: checked(check, MAX_CHECK),
        ...contentsToJson(message, limits)
      }
    }
    case 'prune':
      return { v: VERSION, kind: message.kind, tree: checked(message.tree, MAX_TREE) }
    case 'refused': {
      const { kind, tree, digests } = message
      return {
        v: VERSION,
        kind,
        tree: checked(tree, MAX_TREE),
        digests: digestsToJson(digests, limits)
      }
    }
    case 'sketch-request': {
      const { kind, fingerprint, first, count } = message
      const symbols = { first: checked(first, MAX_SYMBOLS), count: checked(count, MAX_SYMBOLS) }
      return { v: VERSION, kind, fingerprint: fingerprintToJson(fingerprint), ...symbols }
    }
    case 'sketch-response':
      return sketchToJson(message)
    case 'difference-request': {
      const ids = contentToText(checkedBytes(message.ids, SHORT_ID_UNIT_BYTES, MAX_SKETCH_BYTES))
      return {
        v: VERSION,
        kind: message.kind,
        digests: digestsToJson(message.digests, limits),
        ids
      }
    }
    default:
      throw malformed('unknown kind')
  }
}

function sketchToJson(message: SketchResponse): unknown {
  const { kind, fingerprint, updates, first, symbols } = message
  return {
    v: VERSION,
    kind,
    fingerprint: fingerprintToJson(fingerprint),
    updates: checked(updates, MAX_COUNT),
    first: checked(first, MAX_SYMBOLS),
    symbols: contentToText(checkedBytes(symbols, SYMBOL_UNIT_BYTES, MAX_SKETCH_BYTES))
  }
}

function viewToJson(view: readonly Peer[], limits: Limits): Peer[] {
  if (!Array.isArray(view)) throw malformed('view is not a list')
  if (view.length > limits.maxPeers) throw malformed('list too long')
  return view.map((peer: Peer | null) => {
    if (typeof peer !== 'object' || peer === null) throw malformed('peer is not an object')
    const { address, age } = peer
    if (!isAddress(address)) throw malformed('not an address')
    if (!isAge(age)) throw malformed('age out of range')
    return { address, age }
  })
}

function digestsToJson(digests: DigestBlock, limits: Limits): string[] {
  if (!isBytes(digests) || digests.length % DIGEST_BYTES !== 0)
    throw malformed('not a block of digests')
  if (digests.length / DIGEST_BYTES > limits.maxDigests) throw malformed('list too long')
  return digestsToText(digests)
}

function checked(number: number, most: number): number {
  if (!isWhole(number, most)) throw malformed('number out of range')
  return number
}

function fingerprintToJson(fingerprint: Uint8Array): string {
  if (!isBytes(fingerprint) || fingerprint.length !== FINGERPRINT_BYTES)
    throw malformed('not a fingerprint')
  return fingerprintToText(fingerprint)
}

/** Returns `bytes` if their length is a multiple of `unitBytes` and within the limit. */
function checkedBytes(bytes: Uint8Array, unitBytes: number, mostBytes: number): Uint8Array {
  if (!isBytes(bytes) || bytes.length % unitBytes !== 0 || bytes.length > mostBytes)
    throw malformed('bytes of no such length')
  return bytes
}

function contentsToJson(
  { contents, ages }: Pick<ContentResponse, 'contents' | 'ages'>,
  limits: Limits
): { contents: string[]; ages: number[] } {
  if (!Array.isArray(contents)) throw malformed('contents are not a list')
  if (!Array.isArray(ages) || ages.length !== contents.length) throw malformed('not an age each')
  if (contents.length > limits.maxContents) throw malformed('list too long')
  let textBytes = 0
  const texts = contents.map((content: Uint8Array) => {
    if (!isBytes(content)) throw malformed('content is not bytes')
    // Checked before the conversion to text.
    textBytes += content.length
    if (textBytes > limits.maxTextBytes) throw malformed('text too long')
    return contentToText(content)
  })
  return { contents: texts, ages: ages.map((age: number) => checked(age, MAX_CONTENT_AGE)) }
}

/** `instanceof` alone fails for bytes of another realm, such as those of a test runner's sandbox. */
function isBytes(value: unknown): value is Uint8Array {
  return (
    value instanceof Uint8Array || Object.prototype.toString.call(value) === '[object Uint8Array]'
  )
}
