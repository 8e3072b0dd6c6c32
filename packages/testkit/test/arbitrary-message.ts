/** Messages for fast-check: everything that may stand on the wire, shrinking towards the empty ones. */

import {
  DIGEST_BYTES,
  FIELDS,
  isAddress,
  MAX_AGE,
  type FieldName,
  type Message
} from '@rumormill/protocol/plugin'
import fc from 'fast-check'
import { fieldsOf, KINDS, messageOf } from '../src/message-samples.ts'

const plain = { noNullPrototype: true }

const address = fc
  .oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 64 }),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
    fc.tuple(fc.ipV4(), fc.nat(65_535)).map(([host, port]) => `${host}:${port}`),
    fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 256 })
  )
  .filter(isAddress)

const view = fc.array(fc.record({ address, age: fc.nat(MAX_AGE) }, plain), { maxLength: 128 })

const content = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.uint8Array({ minLength: 2000, maxLength: 2100 })
)

/** Contents, and an age for each. */
const contents = fc.array(fc.tuple(content, fc.nat(FIELDS.ages.most)), { maxLength: 40 })

const bytesOf = (least: number, unit: number, most: number): fc.Arbitrary<Uint8Array> =>
  fc
    .nat(Math.min(40, (most - least) / unit))
    .map((count) => least + count * unit)
    .chain((length) => fc.uint8Array({ minLength: length, maxLength: length }))

function fieldValue(name: FieldName): fc.Arbitrary<unknown> {
  const field = FIELDS[name]
  switch (field.type) {
    case 'peers':
      return view
    case 'digests':
      return bytesOf(0, DIGEST_BYTES, Infinity)
    case 'bytes':
      return bytesOf(field.least, field.unit, field.most)
    case 'number':
      return fc.nat(field.most)
    case 'contents':
    case 'ages':
      return fc.constant(undefined)
  }
}

export const arbitraryMessage: fc.Arbitrary<Message> = fc.oneof(
  ...KINDS.map((kind) =>
    fc.tuple(contents, ...fieldsOf(kind).map(fieldValue)).map(([pairs, ...values]) =>
      messageOf(kind, (name, index) => {
        if (name === 'contents') return pairs.map(([part]) => part)
        return name === 'ages' ? pairs.map(([, age]) => age) : values[index]
      })
    )
  )
)

/** A frame of `encode` in which some bytes were replaced, removed or inserted. */
export function arbitraryMutation(
  encode: (message: Message) => Uint8Array
): fc.Arbitrary<Uint8Array> {
  const edits = fc.array(
    fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      remove: fc.nat(3),
      insert: fc.uint8Array({ maxLength: 3 })
    }),
    { minLength: 1, maxLength: 4 }
  )
  return fc.tuple(arbitraryMessage, edits).map(([message, list]) => {
    const bytes = [...encode(message)]
    for (const { at, remove, insert } of list)
      bytes.splice(Math.floor(at * bytes.length), remove, ...insert)
    return Uint8Array.from(bytes)
  })
}
