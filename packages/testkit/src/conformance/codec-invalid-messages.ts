/** Invalid messages that TypeScript allows, and that no codec may encode. */

import {
  SYMBOL_UNIT_BYTES,
  DIGEST_BYTES,
  FINGERPRINT_BYTES,
  MAX_ADDRESS_BYTES,
  MAX_SYMBOLS,
  MAX_CHECK,
  MAX_CONTENT_AGE,
  MAX_COUNT,
  MAX_SKETCH_BYTES,
  MAX_TREE,
  SHORT_ID_UNIT_BYTES,
  type DifferenceRequest,
  type Message,
  type SketchRequest,
  type SketchResponse
} from '@rumormill/protocol'

/** A description of the error, and the message. */
type Invalid = readonly [what: string, message: Message]

/** Returns one message for each kind of error. */
export function invalidMessages(): readonly Invalid[] {
  return [...invalidViews(), ...invalidPushes(), ...invalidSketches(), ...invalidDigests()]
}

function invalidViews(): readonly Invalid[] {
  const peer = (address: string, age: number): Message => ({
    kind: 'view-request',
    view: [{ address, age }]
  })
  return [
    ...[-1, 1.5, 65_536, 2 ** 53, 2 ** 32, NaN, Infinity].map((age): Invalid => [
      `the age ${age}`,
      peer('h:1', age)
    ]),
    ['an empty address', peer('', 0)],
    ['a lone high surrogate', peer('a\ud800', 0)],
    ['a lone low surrogate', peer('\udc00a', 0)],
    ['an address one byte too long', peer('a'.repeat(MAX_ADDRESS_BYTES + 1), 0)],
    ['an address one wide character too long', peer('ü'.repeat(MAX_ADDRESS_BYTES / 2) + 'a', 0)]
  ]
}

function invalidPushes(): readonly Invalid[] {
  return [
    ...notUpTo(MAX_TREE).map((tree): Invalid => [`the tree ${tree}`, { kind: 'prune', tree }]),
    ...notUpTo(MAX_CHECK).map((value): Invalid => [
      `the check ${value}`,
      { kind: 'eager-push', tree: 0, check: value, contents: [], ages: [] }
    ])
  ]
}

/** Returns the messages that only a format with ages can refuse. */
export function invalidAges(): readonly Invalid[] {
  return [
    ...notUpTo(MAX_CONTENT_AGE).map((age): Invalid => [
      `the age ${age} of a content`,
      { kind: 'content-response', contents: [new Uint8Array(1)], ages: [age] }
    ]),
    [
      'a content without an age',
      { kind: 'content-response', contents: [new Uint8Array(1)], ages: [] }
    ],
    ['an age without a content', { kind: 'content-response', contents: [], ages: [1] }]
  ]
}

function invalidSketches(): readonly Invalid[] {
  const request = (parts: Partial<SketchRequest>): SketchRequest => ({
    kind: 'sketch-request',
    fingerprint: new Uint8Array(FINGERPRINT_BYTES),
    first: 0,
    count: 0,
    ...parts
  })
  const response = (parts: Partial<SketchResponse>): SketchResponse => ({
    kind: 'sketch-response',
    fingerprint: new Uint8Array(FINGERPRINT_BYTES),
    updates: 0,
    first: 0,
    symbols: NONE,
    ...parts
  })
  const symbols = (bytes: number): SketchResponse => response({ symbols: new Uint8Array(bytes) })
  return [
    ...notUpTo(MAX_SYMBOLS).flatMap((symbol): Invalid[] => [
      [`the first symbol ${symbol}`, request({ first: symbol })],
      [`${symbol} symbols`, request({ count: symbol })],
      [`symbols from ${symbol} on`, response({ first: symbol })]
    ]),
    ...notUpTo(MAX_COUNT).map((updates): Invalid => [`${updates} updates`, response({ updates })]),
    ['a short fingerprint', request({ fingerprint: NONE })],
    ['a part of a symbol', symbols(SYMBOL_UNIT_BYTES - 1)],
    ['too many symbols', symbols(MAX_SKETCH_BYTES + SYMBOL_UNIT_BYTES)]
  ]
}

function invalidDigests(): readonly Invalid[] {
  const half = new Uint8Array(DIGEST_BYTES / 2)
  const ids = (bytes: number): DifferenceRequest => ({
    kind: 'difference-request',
    digests: NONE,
    ids: new Uint8Array(bytes)
  })
  return [
    ['half a short id', ids(SHORT_ID_UNIT_BYTES / 2)],
    ['too many short ids', ids(MAX_SKETCH_BYTES + SHORT_ID_UNIT_BYTES)],
    ['half a digest beside short ids', { ...ids(0), digests: half }],
    ['half a digest', { kind: 'digest-request', digests: half }]
  ]
}

const NONE = new Uint8Array(0)

/** Returns values that are not an integer from 0 to `max`. */
function notUpTo(max: number): readonly number[] {
  return [-1, 1.5, max + 1, 2 ** 32, NaN]
}
