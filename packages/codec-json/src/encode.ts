/** Encodes messages as JSON text. Keys always have the same order, so equal messages have equal texts. */

import { messageFault, MESSAGES, type FieldName, type Message } from '@rumormill/protocol/plugin'
import { toJson } from './fields.ts'
import { fieldLimits, type Limits } from './limits.ts'
import { malformed } from './malformed.ts'

/** The version of the format, in every message. Nodes exchange the versions that they read as `MESSAGE_VERSIONS`. */
export const VERSION = 1

const utf8 = new TextEncoder()

/**
 * Returns the bytes of `message`, which the caller may keep. Throws MALFORMED_MESSAGE for an invalid message or one above
 * `limits`.
 */
export function encodeMessage(message: Message, limits: Limits): Uint8Array {
  const fault = messageFault(message, fieldLimits(limits))
  if (fault !== undefined) throw malformed(fault)
  // Checked before the conversion to text.
  if (contentBytes(message) > limits.maxTextBytes) throw malformed('text too long')
  const values = message as Readonly<Partial<Record<FieldName, unknown>>>
  const json: Record<string, unknown> = { v: VERSION, kind: message.kind }
  for (const name of MESSAGES[message.kind].fields) json[name] = toJson(name, values[name])
  const bytes = utf8.encode(JSON.stringify(json))
  if (bytes.length > limits.maxTextBytes) throw malformed('text too long')
  return bytes
}

function contentBytes(message: Message): number {
  if (!('contents' in message)) return 0
  return message.contents.reduce((sum, content) => sum + content.length, 0)
}
