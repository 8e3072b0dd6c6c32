/** JSON text to messages: length, nesting and number of parts are held against the limits before anything is parsed. */
import {
  CELL_UNIT_BYTES,
  isAddress,
  MAX_CELLS,
  MAX_CHECK,
  MAX_COUNT,
  MAX_TREE,
  SHORT_ID_UNIT_BYTES,
  type Message,
  type Peer
} from '@rumormill/protocol'
import { contentFromText, digestsFromText, fingerprintFromText, partsFromText } from './bytes.ts'
import type { Limits } from './limits.ts'
import { malformed } from './malformed.ts'
import { scan } from './scan.ts'
import { fields, isAge, isWhole, list, VERSION, type Fields } from './shape.ts'

/** Strict; a byte order mark is left in, and then refused, as JSON has none. */
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The message in `bytes`. Throws MALFORMED_MESSAGE, and nothing else. */
export function decodeMessage(bytes: Uint8Array, limits: Limits): Message {
  if (!ArrayBuffer.isView(bytes)) throw malformed('not bytes')
  if (bytes.length > limits.maxTextBytes) throw malformed('text too long')
  const text = readText(bytes)
  const { colons } = scan(text, limits)
  const message = readMessage(parse(text), limits)
  if (colons !== countKeys(message)) throw malformed('a key is given twice')
  return message
}

function readText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes)
  } catch {
    throw malformed('not UTF-8')
  }
}

/** The parser's own error quotes the text, so it is not passed on. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw malformed('not JSON')
  }
}

function readMessage(value: unknown, limits: Limits): Message {
  const kind = (value as { kind?: unknown } | null)?.kind
  switch (kind) {
    case 'view-request':
    case 'view-response':
      return { kind, view: readView(members(value, 'view')['view'], limits) }
    case 'digest-request':
    case 'digest-response':
    case 'content-request':
    case 'announcement':
      return {
        kind,
        digests: digestsFromText(list(members(value, 'digests')['digests'], limits.maxDigests))
      }
    case 'content-response':
      return { kind, contents: readContents(members(value, 'contents')['contents'], limits) }
    case 'content-push': {
      const { tree, check, contents } = members(value, 'tree', 'check', 'contents')
      return {
        kind,
        tree: readNumber(tree, MAX_TREE),
        check: readNumber(check, MAX_CHECK),
        contents: readContents(contents, limits)
      }
    }
    case 'prune':
      return { kind, tree: readNumber(members(value, 'tree')['tree'], MAX_TREE) }
    case 'sketch-request': {
      const { fingerprint, first, wanted } = members(value, 'fingerprint', 'first', 'wanted')
      const cells = { first: readNumber(first, MAX_CELLS), wanted: readNumber(wanted, MAX_CELLS) }
      return { kind, fingerprint: fingerprintFromText(fingerprint), ...cells }
    }
    case 'sketch-response': {
      const { fingerprint, count, first, cells } = members(
        value,
        'fingerprint',
        'count',
        'first',
        'cells'
      )
      return {
        kind,
        fingerprint: fingerprintFromText(fingerprint),
        count: readNumber(count, MAX_COUNT),
        first: readNumber(first, MAX_CELLS),
        cells: partsFromText(cells, CELL_UNIT_BYTES)
      }
    }
    case 'difference-request': {
      const { digests, ids } = members(value, 'digests', 'ids')
      return {
        kind,
        digests: digestsFromText(list(digests, limits.maxDigests)),
        ids: partsFromText(ids, SHORT_ID_UNIT_BYTES)
      }
    }
    default:
      throw malformed('unknown kind')
  }
}

/** A message that has members of these names, and only these, beside its version and kind. */
function members(value: unknown, ...names: readonly string[]): Fields {
  const message = fields(value, ['v', 'kind', ...names])
  if (message['v'] !== VERSION) throw malformed('unknown version')
  return message
}

function readContents(value: unknown, limits: Limits): Uint8Array[] {
  return list(value, limits.maxContents).map(contentFromText)
}

function readNumber(value: unknown, most: number): number {
  if (!isWhole(value, most)) throw malformed('number out of range')
  // JSON knows a minus zero; messages do not.
  return value + 0
}

function readView(value: unknown, limits: Limits): Peer[] {
  return list(value, limits.maxPeers).map((entry) => {
    const { address, age } = fields(entry, ['address', 'age'])
    if (!isAddress(address)) throw malformed('not an address')
    if (!isAge(age)) throw malformed('age out of range')
    // JSON knows a minus zero; ages do not.
    return { address, age: age + 0 }
  })
}

function countKeys(message: Message): number {
  const views = 'view' in message ? 2 * message.view.length : 0
  // As many as the message has members, and the version.
  return 1 + Object.keys(message).length + views
}
