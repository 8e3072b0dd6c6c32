/** Decodes messages. Checks length, nesting and number of parts against the limits before the text is parsed. */

import {
  isMessageKind,
  messageFault,
  MESSAGES,
  type FieldName,
  type Message
} from '@rumormill/protocol/plugin'
import { VERSION } from './encode.ts'
import { fromJson, members } from './fields.ts'
import { fieldLimits, type Limits } from './limits.ts'
import { malformed, unknown } from './malformed.ts'
import { scan } from './scan.ts'

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
  const { v, kind } = (value ?? {}) as { v?: unknown; kind?: unknown }
  if (Number.isSafeInteger(v) && (v as number) >= 0 && v !== VERSION) throw unknown('version')
  if (v !== VERSION) throw malformed('no version')
  if (typeof kind !== 'string') throw malformed('no kind')
  if (!isMessageKind(kind)) throw unknown('kind')
  const most = fieldLimits(limits)
  const names: readonly FieldName[] = MESSAGES[kind].fields
  const json = members(value, ['v', 'kind', ...names])
  const fields: Partial<Record<FieldName | 'kind', unknown>> = { kind }
  for (const name of names) fields[name] = fromJson(name, json[name], most)
  const message = fields as Message
  const fault = messageFault(message, most)
  if (fault !== undefined) throw malformed(fault)
  return message
}

/** Counts the keys of a parsed text, whose depth the scan has limited. */
function countKeys(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  const parts = Object.values(value)
  const keys = Array.isArray(value) ? 0 : parts.length
  return parts.reduce<number>((sum, part) => sum + countKeys(part), keys)
}
