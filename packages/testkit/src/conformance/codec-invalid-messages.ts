/** Invalid messages that TypeScript allows, and that no codec may encode. */

import {
  DIGEST_BYTES,
  FIELDS,
  MAX_ADDRESS_BYTES,
  MAX_AGE,
  type FieldName,
  type Message
} from '@rumormill/protocol/plugin'
import { fieldsOf, KINDS, leastValue, messageOf } from '../message-samples.ts'

/** A description of the error, and the message. */
type Invalid = readonly [what: string, message: Message]

/** Returns a message for each kind, field and error. */
export function invalidMessages(): readonly Invalid[] {
  return KINDS.flatMap((kind) =>
    fieldsOf(kind)
      .filter((name) => name !== 'ages')
      .flatMap((wrong) =>
        invalidValues(wrong).map(([what, value]): Invalid => [
          `a ${kind} whose ${wrong} ${what}`,
          messageOf(kind, (name) => (name === wrong ? value : leastValue(name)))
        ])
      )
  )
}

/** Returns the messages that only a format with ages can refuse. */
export function invalidAges(): readonly Invalid[] {
  const response = (contents: number, ages: readonly number[]): Message => ({
    kind: 'content-response',
    contents: Array.from({ length: contents }, () => new Uint8Array(1)),
    ages
  })
  return [
    ...notUpTo(FIELDS.ages.most).map((age): Invalid => [
      `the age ${age} of a content`,
      response(1, [age])
    ]),
    ['a content without an age', response(1, [])],
    ['an age without a content', response(0, [1])]
  ]
}

function invalidValues(name: FieldName): readonly (readonly [what: string, value: unknown])[] {
  const field = FIELDS[name]
  const bytes = (length: number) => [`are ${length} bytes`, new Uint8Array(length)] as const
  switch (field.type) {
    case 'peers': {
      const peer = (address: string, age: number) => [{ address, age }]
      return [
        ...notUpTo(MAX_AGE).map((age) => [`have the age ${age}`, peer('h:1', age)] as const),
        ['have an empty address', peer('', 0)],
        ['have a lone high surrogate', peer('a\ud800', 0)],
        ['have a lone low surrogate', peer('\udc00a', 0)],
        ['have an address one byte too long', peer('a'.repeat(MAX_ADDRESS_BYTES + 1), 0)],
        [
          'have an address one wide character too long',
          peer(`${'ü'.repeat(MAX_ADDRESS_BYTES / 2)}a`, 0)
        ]
      ]
    }
    case 'number':
      return notUpTo(field.most).map((number) => [`is ${number}`, number])
    case 'digests':
      return [bytes(DIGEST_BYTES / 2), bytes(DIGEST_BYTES + 1)]
    case 'bytes':
      return [
        ...(field.least > 0 ? [bytes(0)] : []),
        bytes(field.unit - 1),
        bytes(field.most + field.unit)
      ]
    case 'contents':
    case 'ages':
      return []
  }
}

/** Returns values that are not an integer from 0 to `max`. */
function notUpTo(max: number): readonly number[] {
  return [-1, 1.5, max + 1, 2 ** 32, 2 ** 53, NaN, Infinity]
}
