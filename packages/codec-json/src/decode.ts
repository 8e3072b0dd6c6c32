/** Decodes messages. Checks length, nesting and number of parts against the limits before the text is parsed. */

import {
  SYMBOL_UNIT_BYTES,
  isAddress,
  MAX_SYMBOLS,
  MAX_CHECK,
  MAX_CONTENT_AGE,
  MAX_COUNT,
  MAX_TREE,
  SHORT_ID_UNIT_BYTES,
  type Message,
  type Peer,
  type SketchRequest,
  type SketchResponse
} from '@rumormill/protocol'
import { contentFromText, digestsFromText, fingerprintFromText, partsFromText } from './bytes.ts'
import type { Limits } from './limits.ts'
import { malformed, unknown } from './malformed.ts'
import { scan } from './scan.ts'
import { fields, isAge, isWhole, list, VERSION, type Fields } from './shape.ts'

/** Strict, and keeps a byte order mark, which the JSON parser then refuses. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Returns the message in `bytes`. Throws UNKNOWN_MESSAGE for another version or kind, and MALFORMED_MESSAGE for invalid
 * bytes.
 */
export function decodeMessage(bytes: Uint8Array, limits: Limits): Message {
  if (!ArrayBuffer.isView(bytes)) throw malformed('not bytes')
  if (bytes.length > limits.maxTextBytes) throw malformed('text too long')
  const text = readText(bytes)
  const { colons } = scan(text, limits)
  const value = parse(text)
  if (colons !== countKeys(value)) throw malformed('a key is given twice')
  return readMessage(value, limits)
}

function readText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw malformed('not UTF-8')
  }
}

/** Parses the text. Does not pass on the parser's error, because it quotes the text. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw malformed('not JSON')
  }
}

function readMessage(value: unknown, limits: Limits): Message {
  const version = (value as { v?: unknown } | null)?.v
  if (isWhole(version, MAX_COUNT) && version !== VERSION) throw unknown('version')
  if (version !== VERSION) throw malformed('no version')
  const kind = (value as { kind?: unknown } | null)?.kind
  switch (kind) {
    case 'view-request':
    case 'view-response':
      return { kind, view: readView(members(value, 'view')['view'], limits) }
    case 'digest-request':
    case 'digest-response':
    case 'content-request':
    case 'ihave':
      return {
        kind,
        digests: digestsFromText(list(members(value, 'digests')['digests'], limits.maxDigests))
      }
    case 'neighbor':
      return { kind }
    case 'content-response':
      return { kind, ...readContents(members(value, 'contents', 'ages'), limits) }
    case 'eager-push': {
      const push = members(value, 'tree', 'check', 'contents', 'ages')
      const { tree, check } = push
      return {
        kind,
        tree: readNumber(tree, MAX_TREE),
        check: readNumber(check, MAX_CHECK),
        ...readContents(push, limits)
      }
    }
    case 'prune':
      return { kind, tree: readNumber(members(value, 'tree')['tree'], MAX_TREE) }
    case 'refused': {
      const { tree, digests } = members(value, 'tree', 'digests')
      return {
        kind,
        tree: readNumber(tree, MAX_TREE),
        digests: digestsFromText(list(digests, limits.maxDigests))
      }
    }
    case 'sketch-request':
      return readSketchRequest(value)
    case 'sketch-response':
      return readSketchResponse(value)
    case 'difference-request': {
      const { digests, ids } = members(value, 'digests', 'ids')
      return {
        kind,
        digests: digestsFromText(list(digests, limits.maxDigests)),
        ids: partsFromText(ids, SHORT_ID_UNIT_BYTES)
      }
    }
    default:
      throw typeof kind === 'string' ? unknown('kind') : malformed('no kind')
  }
}

function readSketchRequest(value: unknown): SketchRequest {
  const { fingerprint, first, count } = members(value, 'fingerprint', 'first', 'count')
  const symbols = { first: readNumber(first, MAX_SYMBOLS), count: readNumber(count, MAX_SYMBOLS) }
  return { kind: 'sketch-request', fingerprint: fingerprintFromText(fingerprint), ...symbols }
}

function readSketchResponse(value: unknown): SketchResponse {
  const { fingerprint, updates, first, symbols } = members(
    value,
    'fingerprint',
    'updates',
    'first',
    'symbols'
  )
  return {
    kind: 'sketch-response',
    fingerprint: fingerprintFromText(fingerprint),
    updates: readNumber(updates, MAX_COUNT),
    first: readNumber(first, MAX_SYMBOLS),
    symbols: partsFromText(symbols, SYMBOL_UNIT_BYTES)
  }
}

/** Returns a message that has members of these names besides version and kind. Ignores others, which are of later versions. */
function members(value: unknown, ...names: readonly string[]): Fields {
  return fields(value, ['v', 'kind', ...names])
}

function readContents(
  { contents, ages }: Fields,
  limits: Limits
): { contents: Uint8Array[]; ages: number[] } {
  const texts = list(contents, limits.maxContents)
  const numbers = list(ages, limits.maxContents)
  if (numbers.length !== texts.length) throw malformed('not an age each')
  return {
    contents: texts.map(contentFromText),
    ages: numbers.map((age) => readNumber(age, MAX_CONTENT_AGE))
  }
}

function readNumber(value: unknown, most: number): number {
  if (!isWhole(value, most)) throw malformed('number out of range')
  // JSON has a minus zero; messages do not.
  return value + 0
}

function readView(value: unknown, limits: Limits): Peer[] {
  return list(value, limits.maxPeers).map((entry) => {
    const { address, age } = fields(entry, ['address', 'age'])
    if (!isAddress(address)) throw malformed('not an address')
    if (!isAge(age)) throw malformed('age out of range')
    // JSON has a minus zero; ages do not.
    return { address, age: age + 0 }
  })
}

/** Counts the keys of a parsed text, whose depth the scan has limited. */
function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const parts = Object.values(value)
  const keys = Array.isArray(value) ? 0 : parts.length
  return parts.reduce<number>((sum, part) => sum + countKeys(part), keys)
}
