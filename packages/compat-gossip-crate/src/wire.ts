/**
 * The messages of the crate: one byte with the kind, then CBOR as serde writes structs.
 *
 * The sender is part of the message, digests are hexadecimal text, contents are arrays of integers. The format and the names
 * of the fields are those of `gossip` 0.0.3.
 */

import {
  DIGEST_BYTES,
  digestFromHex,
  digestToHex,
  FIELDS,
  isAddress,
  MAX_AGE,
  MESSAGES,
  packDigests,
  type Address,
  type Message,
  type MessageKind,
  type Peer
} from '@rumormill/protocol/plugin'
import { decode, encode } from 'cborg'
import { contentMap } from './content-map.ts'
import { malformed } from './malformed.ts'

/** Only the upper four bits of the first byte count. */
const MEMBERSHIP = 0x10
const HEADER = 0x20
const CONTENT = 0x40
const NO_OP = 0x80
const KIND_BITS = 0xf0

const SPOKEN: readonly MessageKind[] = [
  'view-request',
  'view-response',
  'digest-request',
  'digest-response',
  'content-request',
  'content-response'
]

/** The kinds that the crate lacks: it has no neighbors, no trees and no sketches. */
export const UNKNOWN_TO_THE_CRATE: readonly MessageKind[] = (
  Object.keys(MESSAGES) as MessageKind[]
).filter((kind) => !SPOKEN.includes(kind))

/** A message and its claimed sender. */
export interface Envelope {
  readonly sender: Address
  readonly message: Message
}

/**
 * Encodes `message` for the crate. Kinds that it lacks become its no-op. Contents are a map, so repeated contents in a message
 * are sent once. Throws MALFORMED_MESSAGE for a message that `fromCrate` would refuse.
 */
export function toCrate(sender: Address, message: Message, maxDigests: number): Uint8Array {
  checkParts(message, maxDigests)
  switch (message.kind) {
    case 'view-request':
      return framed(MEMBERSHIP, {
        sender,
        message_type: 'Request',
        view: message.view.length === 0 ? null : viewOf(message.view)
      })
    case 'view-response':
      return framed(MEMBERSHIP, { sender, message_type: 'Response', view: viewOf(message.view) })
    case 'digest-request':
      return framed(HEADER, { sender, message_type: 'Request', headers: hexOf(message.digests) })
    case 'digest-response':
      return framed(HEADER, { sender, message_type: 'Response', headers: hexOf(message.digests) })
    case 'content-request':
      return framed(CONTENT, {
        sender,
        message_type: 'Request',
        content: new Map(hexOf(message.digests).map((hex) => [hex, []]))
      })
    case 'content-response':
      return responseOf(sender, contentMap(message.contents))
    default:
      return framed(NO_OP, null)
  }
}

/** Decodes a message of the crate; `undefined` for a no-op. Throws only MALFORMED_MESSAGE. */
export function fromCrate(bytes: Uint8Array, maxDigests: number): Envelope | undefined {
  const kind = (bytes[0] ?? 0) & KIND_BITS
  if (kind === NO_OP) return undefined
  const fields = parsed(bytes.subarray(1))
  const sender = fields.get('sender')
  if (!isAddress(sender)) throw malformed('no sender')
  const type = fields.get('message_type')
  if (type !== 'Request' && type !== 'Response') throw malformed('unknown message type')
  const isRequest = type === 'Request'
  switch (kind) {
    case MEMBERSHIP:
      return {
        sender,
        message: {
          kind: isRequest ? 'view-request' : 'view-response',
          view: readView(fields.get('view'))
        }
      }
    case HEADER: {
      const digests = readDigests(list(fields.get('headers'), maxDigests))
      return {
        sender,
        message: { kind: isRequest ? 'digest-request' : 'digest-response', digests }
      }
    }
    case CONTENT: {
      const content = fields.get('content')
      if (!(content instanceof Map) || content.size > maxDigests)
        throw malformed('content is not a map, or too large')
      if (isRequest)
        return {
          sender,
          message: { kind: 'content-request', digests: readDigests([...content.keys()]) }
        }
      const contents = [...content.values()].map(readContent)
      // The format of the crate has no ages, so all ages start at 0.
      return {
        sender,
        message: { kind: 'content-response', contents, ages: contents.map(() => 0) }
      }
    }
    default:
      throw malformed('unknown kind')
  }
}

function checkParts(message: Message, maxDigests: number): void {
  if ('view' in message) {
    if (message.view.length > FIELDS.view.most) throw malformed('view too long')
    for (const peer of message.view) checkPeer(peer)
  } else if ('digests' in message) {
    const digests = message.digests.length / DIGEST_BYTES
    if (!Number.isInteger(digests) || digests > maxDigests)
      throw malformed('half a digest, or too many')
  } else if ('contents' in message && message.contents.length > maxDigests)
    throw malformed('too many contents')
}

/** Encodes a value with its keys in the given order, as serde writes structs. */
function framed(kind: number, value: unknown): Uint8Array {
  const body = encode(value, { mapSorter: () => 0 })
  const bytes = new Uint8Array(1 + body.length)
  bytes[0] = kind
  bytes.set(body, 1)
  return bytes
}

/** Replaces the empty map of contents, which is the last byte, by `map`. */
function responseOf(sender: Address, map: Uint8Array): Uint8Array {
  const frame = framed(CONTENT, { sender, message_type: 'Response', content: new Map() })
  const bytes = new Uint8Array(frame.length - 1 + map.length)
  bytes.set(frame)
  bytes.set(map, frame.length - 1)
  return bytes
}

function viewOf(view: readonly Peer[]): { address: Address; age: number }[] {
  return view.map(({ address, age }) => ({ address, age }))
}

function hexOf(digests: Uint8Array): string[] {
  return Array.from({ length: digests.length / DIGEST_BYTES }, (_, index) =>
    digestToHex(digests.subarray(index * DIGEST_BYTES, (index + 1) * DIGEST_BYTES))
  )
}

/** Parses CBOR with maps instead of objects, so that no key has a special meaning. Also refuses nesting that overflows the stack. */
function parsed(bytes: Uint8Array): Map<unknown, unknown> {
  let value: unknown
  try {
    value = decode(bytes, { useMaps: true, rejectDuplicateMapKeys: true, allowIndefinite: false })
  } catch {
    throw malformed('not CBOR')
  }
  if (!(value instanceof Map)) throw malformed('not a map')
  return value
}

function list(value: unknown, maxItems: number): readonly unknown[] {
  if (!Array.isArray(value) || value.length > maxItems) throw malformed('not a list, or too long')
  return value
}

function readView(value: unknown): Peer[] {
  if (value === null) return []
  return list(value, FIELDS.view.most).map((entry) => {
    const [address, age] =
      entry instanceof Map ? [entry.get('address') as unknown, entry.get('age') as unknown] : []
    return checkPeer({ address, age })
  })
}

function checkPeer({ address, age }: { readonly address: unknown; readonly age: unknown }): Peer {
  if (!isAddress(address)) throw malformed('not an address')
  if (typeof age !== 'number' || !Number.isInteger(age) || age < 0 || age > MAX_AGE)
    throw malformed('age out of range')
  return { address, age }
}

function readDigests(values: readonly unknown[]): Uint8Array {
  return packDigests(
    values.map((value) => {
      const digest = typeof value === 'string' ? digestFromHex(value) : undefined
      if (digest === undefined) throw malformed('not a digest')
      return digest
    })
  )
}

function readContent(value: unknown): Uint8Array {
  if (!Array.isArray(value)) throw malformed('content is not a list')
  const content = new Uint8Array(value.length)
  for (let index = 0; index < value.length; index++) {
    const byte: unknown = value[index]
    if (typeof byte !== 'number' || (byte & 0xff) !== byte) throw malformed('content is not bytes')
    content[index] = byte
  }
  return content
}
