/** Messages for fast-check: everything that may stand on the wire, shrinking towards the empty ones. */

import {
  isAddress,
  MAX_AGE,
  MAX_SYMBOLS,
  MAX_CHECK,
  MAX_CONTENT_AGE,
  MAX_COUNT,
  MAX_TREE,
  type Message
} from '@rumormill/protocol'
import fc from 'fast-check'

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

const digests = fc
  .nat(40)
  .chain((count) => fc.uint8Array({ minLength: 32 * count, maxLength: 32 * count }))

const content = fc.oneof(
  fc.uint8Array({ maxLength: 300 }),
  fc.uint8Array({ minLength: 2000, maxLength: 2100 })
)

const contents = fc
  .array(fc.tuple(content, fc.nat(MAX_CONTENT_AGE)), { maxLength: 40 })
  .map((pairs) => ({
    contents: pairs.map(([bytes]) => bytes),
    ages: pairs.map(([, age]) => age)
  }))

const fingerprint = fc.uint8Array({ minLength: 16, maxLength: 16 })

const symbol = fc.nat(MAX_SYMBOLS)

const bytesOf = (unitBytes: number): fc.Arbitrary<Uint8Array> =>
  fc
    .nat(40)
    .chain((count) => fc.uint8Array({ minLength: unitBytes * count, maxLength: unitBytes * count }))

export const arbitraryMessage: fc.Arbitrary<Message> = fc.oneof(
  fc.record(
    { kind: fc.constantFrom('view-request' as const, 'view-response' as const), view },
    plain
  ),
  fc.record(
    {
      kind: fc.constantFrom(
        'digest-request' as const,
        'digest-response' as const,
        'content-request' as const,
        'ihave' as const
      ),
      digests
    },
    plain
  ),
  contents.map((parts) => ({ kind: 'content-response' as const, ...parts })),
  fc.tuple(fc.nat(MAX_TREE), fc.nat(MAX_CHECK), contents).map(([tree, check, parts]) => ({
    kind: 'eager-push' as const,
    tree,
    check,
    ...parts
  })),
  fc.constant({ kind: 'neighbor' as const }),
  fc.record({ kind: fc.constant('prune' as const), tree: fc.nat(MAX_TREE) }, plain),
  fc.record({ kind: fc.constant('refused' as const), tree: fc.nat(MAX_TREE), digests }, plain),
  fc.record(
    { kind: fc.constant('sketch-request' as const), fingerprint, first: symbol, count: symbol },
    plain
  ),
  fc.record(
    {
      kind: fc.constant('sketch-response' as const),
      fingerprint,
      updates: fc.nat(MAX_COUNT),
      first: symbol,
      symbols: bytesOf(4)
    },
    plain
  ),
  fc.record({ kind: fc.constant('difference-request' as const), digests, ids: bytesOf(8) }, plain)
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
