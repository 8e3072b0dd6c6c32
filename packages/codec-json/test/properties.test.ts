import { toGossipError, type Message } from '@rumormill/protocol/plugin'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { arbitraryMessage, arbitraryMutation } from '../../testkit/test/arbitrary-message.ts'
import { jsonCodec } from '../src/index.ts'

const codec = jsonCodec()

/** Returns the message in `bytes`; `undefined` when decoding throws one of the two allowed errors. */
function decode(bytes: Uint8Array): Message | undefined {
  try {
    return codec.decode(bytes)
  } catch (error) {
    expect(['MALFORMED_MESSAGE', 'UNKNOWN_MESSAGE']).toContain(
      toGossipError(error, 'TRANSPORT_FAILED', 'not one of ours').code
    )
    return undefined
  }
}

test('any message decodes to what was encoded', () => {
  fc.assert(
    fc.property(arbitraryMessage, (message) => {
      expect(codec.decode(codec.encode(message))).toStrictEqual(message)
    }),
    { numRuns: 100 }
  )
})

test('any bytes give a message, MALFORMED_MESSAGE or UNKNOWN_MESSAGE', () => {
  const texts = fc.string({ unit: 'binary' }).map((text) => Buffer.from(text))
  const bytes = fc.oneof(fc.uint8Array({ maxLength: 400 }), texts)
  fc.assert(
    fc.property(bytes, (any) => void decode(any)),
    { numRuns: 1000 }
  )
})

test('a mutated frame is refused, or gives a message that can be sent on', () => {
  fc.assert(
    fc.property(
      arbitraryMutation((message) => codec.encode(message)),
      (frame) => {
        const message = decode(frame)
        if (message !== undefined)
          expect(codec.decode(codec.encode(message))).toStrictEqual(message)
      }
    ),
    { numRuns: 500 }
  )
})
