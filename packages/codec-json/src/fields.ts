/** Converts the values of fields to JSON and back, by the type of the field. Each value has exactly one text. */

import {
  DIGEST_BYTES,
  FIELDS,
  type FieldLimits,
  type FieldName,
  type Peer
} from '@rumormill/protocol/plugin'
import { bytesFromText, bytesToText } from './bytes.ts'
import { malformed } from './malformed.ts'

const DIGEST_CHARACTERS = 2 * DIGEST_BYTES

/** Returns the JSON of a checked value. Bytes of one length are hex, all others padded base64. */
export function toJson(name: FieldName, value: unknown): unknown {
  const field = FIELDS[name]
  switch (field.type) {
    case 'peers':
      return (value as readonly Peer[]).map(({ address, age }) => ({ address, age }))
    case 'digests':
      return digestTexts(bytesToText(value as Uint8Array, 'hex'))
    case 'contents':
      return (value as readonly Uint8Array[]).map((content) => bytesToText(content, 'base64'))
    case 'bytes':
      return bytesToText(value as Uint8Array, field.least === field.most ? 'hex' : 'base64')
    case 'ages':
    case 'number':
      return value
  }
}

/**
 * Returns the value of parsed JSON. Does not check ranges, but refuses a list beyond its limit before the items are converted.
 */
export function fromJson(name: FieldName, json: unknown, limits: FieldLimits): unknown {
  const field = FIELDS[name]
  const most = limits[name] ?? field.most
  switch (field.type) {
    case 'peers':
      return list(json, most).map(peer)
    case 'digests':
      return bytesFromText(list(json, most).map(digestText).join(''), 'hex')
    case 'contents':
      return list(json, most).map((content) => bytesFromText(content, 'base64'))
    case 'ages':
      return list(json, limits.contents ?? FIELDS.contents.most).map(number)
    case 'bytes':
      // Two characters for a byte are the most of both encodings.
      if (typeof json === 'string' && json.length > 2 * most) throw malformed('text too long')
      return bytesFromText(json, field.least === field.most ? 'hex' : 'base64')
    case 'number':
      return number(json)
  }
}

function digestTexts(hex: string): string[] {
  return Array.from({ length: hex.length / DIGEST_CHARACTERS }, (_, index) =>
    hex.slice(index * DIGEST_CHARACTERS, (index + 1) * DIGEST_CHARACTERS)
  )
}

function digestText(text: unknown): string {
  if (typeof text !== 'string' || text.length !== DIGEST_CHARACTERS) throw malformed('not a digest')
  return text
}

function list(json: unknown, most: number): readonly unknown[] {
  if (!Array.isArray(json) || json.length > most) throw malformed('not a list or too long')
  return json
}

function peer(json: unknown): Peer {
  const { address, age } = members(json, ['address', 'age'])
  return { address: address as string, age: number(age) }
}

/** Returns `json` if it is an object with these own keys. Ignores others, which are of later versions. */
export function members(json: unknown, keys: readonly string[]): Readonly<Record<string, unknown>> {
  if (typeof json !== 'object' || json === null || !keys.every((key) => Object.hasOwn(json, key)))
    throw malformed('not an object with all keys')
  return json as Readonly<Record<string, unknown>>
}

function number(json: unknown): number {
  if (typeof json !== 'number') throw malformed('not a number')
  // JSON has a minus zero; messages do not.
  return json + 0
}
