/** Messages for tests of codecs: edge cases, and random messages, made from the description of messages. */

import {
  DIGEST_BYTES,
  FIELDS,
  MAX_ADDRESS_BYTES,
  MAX_AGE,
  MESSAGES,
  type Address,
  type FieldName,
  type Message,
  type MessageKind,
  type Peer,
  type Rng
} from '@rumormill/protocol/plugin'

/** Addresses that a codec must not change: those of every transport, and the longest and most unusual ones. */
const EDGE_ADDRESSES: readonly Address[] = [
  '127.0.0.1:9000',
  '[2001:db8::1]:65535',
  '/ip4/10.0.0.1/tcp/9001/p2p/12D3KooWQRfaX6vvB3FzYc7HgvCXjTRhK7TyQeYsgiwkvNHPQbLx',
  'a',
  'a'.repeat(MAX_ADDRESS_BYTES),
  'ü'.repeat(MAX_ADDRESS_BYTES / 2),
  '😀'.repeat(MAX_ADDRESS_BYTES / 4),
  'häuser.example:80',
  '\u0000"\\/\n\u001f\u007f',
  '\ufeffmark',
  '\u2028\u2029',
  '__proto__'
]

/** Numbers on both sides of each length that an encoded number may have. */
const EDGE_NUMBERS = [
  0,
  1,
  63,
  64,
  127,
  128,
  255,
  256,
  8191,
  8192,
  16_383,
  16_384,
  2 ** 20,
  2 ** 21
]

export const KINDS = Object.keys(MESSAGES) as readonly MessageKind[]

/** Returns messages of all kinds, from empty ones to the limits of a message, except for the caps on counts. */
export function edgeMessages(): readonly Message[] {
  return KINDS.flatMap((kind) => {
    const edges = fieldsOf(kind).map(edgeValues)
    const count = Math.max(1, ...edges.map(({ length }) => length))
    return Array.from({ length: count }, (_, n) => {
      let contents: readonly unknown[] = []
      return messageOf(kind, (name, index) => {
        const values = edges[index]!
        // Numbers start again, each field one step ahead of the one before, so that no two always have the same value. Other
        // fields stay at their last value, which is small: tests that flip each bit need not flip the same ones again.
        const isNumber = FIELDS[name].type === 'number'
        const value =
          values[isNumber ? (n + index) % values.length : Math.min(n, values.length - 1)]
        if (name === 'contents') contents = value as readonly unknown[]
        return name === 'ages'
          ? contents.map((_each, at) => values[(n + index + at) % values.length])
          : value
      })
    })
  })
}

/** Returns the message of `kind` with these values of its fields. */
export function messageOf(
  kind: MessageKind,
  value: (name: FieldName, index: number) => unknown
): Message {
  const values = fieldsOf(kind).map((name, index) => [name, value(name, index)] as const)
  return { kind, ...Object.fromEntries(values) } as unknown as Message
}

export function fieldsOf(kind: MessageKind): readonly FieldName[] {
  return MESSAGES[kind].fields
}

/** Returns the smallest valid value of a field. */
export function leastValue(name: FieldName): unknown {
  const field = FIELDS[name]
  if (field.type === 'number') return 0
  if (field.type === 'bytes') return new Uint8Array(field.least)
  return field.type === 'digests' ? new Uint8Array(0) : []
}

const CONTENT_LENGTHS = [1, 2, 3, 64, 65, 127, 128, 129, 2049]
const EDGE_CONTENTS = [
  CONTENT_LENGTHS.map((length) => new Uint8Array(length).fill(length)),
  [],
  [Uint8Array.from({ length: 256 }, (_, index) => index)],
  [Uint8Array.of(7)]
]

function edgeValues(name: FieldName): readonly unknown[] {
  const field = FIELDS[name]
  switch (field.type) {
    case 'peers': {
      const ages = edgeNumbers(MAX_AGE)
      const view = EDGE_ADDRESSES.map((address, n) => ({ address, age: ages[n % ages.length]! }))
      return [
        [],
        view,
        ages.map((age) => ({ address: '[::1]:1', age })),
        ...view.map((peer) => [peer])
      ]
    }
    case 'digests':
      return [0, 3].map((count) =>
        Uint8Array.from({ length: count * DIGEST_BYTES }, (_, index) => 255 - index)
      )
    case 'contents':
      return EDGE_CONTENTS
    // One of them for each content.
    case 'ages':
    case 'number':
      return edgeNumbers(field.most)
    case 'bytes':
      return [field.least, Math.max(field.least, 12 * field.unit)]
        .map((length) => Math.min(length, field.most))
        .map((length, n) => Uint8Array.from({ length }, (_, index) => (n === 0 ? index : 200)))
  }
}

function edgeNumbers(most: number): readonly number[] {
  return [...EDGE_NUMBERS.filter((number) => number < most - 1), most - 1, most]
}

/** Returns a random message of any kind: up to 16 parts, contents of up to a few hundred bytes. Reproducible by the seed. */
export function randomMessage(rng: Rng): Message {
  const contents = times(rng, 8, () => randomBytes(rng, 1 + rng.below(300)))
  return messageOf(KINDS[rng.below(KINDS.length)]!, (name) => {
    const field = FIELDS[name]
    switch (field.type) {
      case 'peers':
        return times(rng, 16, randomPeer)
      case 'digests':
        return randomBytes(rng, rng.below(17) * DIGEST_BYTES)
      case 'contents':
        return contents
      case 'ages':
        return contents.map(() => rng.below(2 ** (1 + rng.below(27))))
      case 'number':
        return rng.below(field.most + 1)
      case 'bytes': {
        const units = Math.min(60, (field.most - field.least) / field.unit)
        return randomBytes(rng, field.least + rng.below(units + 1) * field.unit)
      }
    }
  })
}

/** Returns `length` random bytes. */
export function randomBytes(rng: Rng, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => rng.below(256))
}

/** Returns `frame` with one mutation: bytes changed, cut, repeated, inserted, or a bit flipped. */
export function mutate(frame: Uint8Array, rng: Rng): Uint8Array {
  if (frame.length === 0) return randomBytes(rng, 1 + rng.below(8))
  const at = rng.below(frame.length + 1)
  switch (rng.below(6)) {
    case 0:
      return frame.slice(0, at)
    case 1:
      return joined(frame.subarray(0, at), randomBytes(rng, 1 + rng.below(8)), frame.subarray(at))
    case 2:
      return joined(frame.subarray(0, at), frame.subarray(rng.below(frame.length + 1)))
    case 3:
      return joined(frame, frame.subarray(at))
    case 4: {
      const changed = Uint8Array.from(frame)
      for (let count = 1 + rng.below(4); count > 0; count--)
        changed[rng.below(frame.length)] = rng.below(256)
      return changed
    }
    default: {
      const changed = Uint8Array.from(frame)
      const bit = rng.below(frame.length * 8)
      changed[bit >> 3]! ^= 1 << (bit & 7)
      return changed
    }
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return bytes
}

function randomPeer(rng: Rng): Peer {
  return {
    address: randomAddress(rng),
    age: rng.below(4) === 0 ? rng.below(MAX_AGE + 1) : rng.below(40)
  }
}

function randomAddress(rng: Rng): Address {
  if (rng.below(8) === 0) return EDGE_ADDRESSES[rng.below(EDGE_ADDRESSES.length)]!
  return `10.${rng.below(256)}.${rng.below(256)}.${rng.below(256)}:${rng.below(65_536)}`
}

function times<T>(rng: Rng, most: number, make: (rng: Rng) => T): T[] {
  return Array.from({ length: rng.below(most + 1) }, () => make(rng))
}
