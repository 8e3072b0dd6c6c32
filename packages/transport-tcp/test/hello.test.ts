import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  decodeHello,
  encodeHello,
  MAX_HELLO_BYTES,
  MAX_LABEL_BYTES,
  type Hello,
  type HelloStatus
} from '../src/hello.ts'

const status = fc.constantFrom<HelloStatus[]>(
  'welcome',
  'other-protocol',
  'address-refused',
  'full',
  'other-version',
  'identity-in-use'
)
const label = fc.string({ unit: 'grapheme', maxLength: 60 })
const address = fc.string({ minLength: 1, maxLength: 80 })
const versions = fc
  .tuple(fc.nat(255), fc.nat(255))
  .map(([a, b]) => ({ first: Math.min(a, b), last: Math.max(a, b) }))
const anyHello: fc.Arbitrary<Hello> = fc.record({
  status,
  label,
  address,
  versions,
  incarnation: fc.maxSafeNat()
})

/** A short hello, changed where a test is about it. */
function helloWith(changes: Partial<Hello> = {}): Uint8Array {
  return encodeHello({
    status: 'welcome',
    label: 'l',
    address: 'a',
    versions: { first: 1, last: 1 },
    incarnation: 0,
    ...changes
  })
}

/** The bytes after the address: two of versions, four of flags, eight of the incarnation. */
const TAIL_BYTES = 14

function codeOfDecoding(bytes: Uint8Array): string {
  try {
    decodeHello(bytes)
    return 'decoded'
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe('hello', () => {
  test('decodes to what was encoded', () => {
    fc.assert(
      fc.property(anyHello, (hello) => {
        expect(decodeHello(encodeHello(hello))).toEqual(hello)
      })
    )
  })

  test('the longest hello fits its frame', () => {
    const bytes = helloWith({
      status: 'full',
      label: 'l'.repeat(MAX_LABEL_BYTES),
      address: 'a'.repeat(256)
    })
    // And leaves something to later versions.
    expect(bytes.length).toBeLessThanOrEqual(MAX_HELLO_BYTES - 200)
    expect(decodeHello(bytes).label).toHaveLength(MAX_LABEL_BYTES)
  })

  test('any bytes are either a hello or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        expect(codeOfDecoding(bytes)).toBe('MALFORMED_MESSAGE')
      })
    )
  })

  test('a hello with one changed byte, or cut short, is refused or decodes differently, and nothing else', () => {
    fc.assert(
      fc.property(anyHello, fc.nat(), fc.nat(255), (hello, at, byte) => {
        const bytes = encodeHello(hello)
        expect(codeOfDecoding(bytes.slice(0, at % bytes.length))).toBe('MALFORMED_MESSAGE')
        bytes[at % bytes.length] = byte
        expect(['decoded', 'MALFORMED_MESSAGE', 'PROTOCOL_MISMATCH']).toContain(
          codeOfDecoding(bytes)
        )
      })
    )
  })

  test('fields of a later version after the incarnation are skipped', () => {
    fc.assert(
      fc.property(anyHello, fc.uint8Array({ maxLength: 200 }), (hello, trailing) => {
        const bytes = Uint8Array.from([...encodeHello(hello), ...trailing])
        expect(decodeHello(bytes)).toEqual(hello)
      })
    )
  })

  test('flags have no meaning yet: none is set, and any are ignored', () => {
    fc.assert(
      fc.property(anyHello, fc.uint8Array({ minLength: 4, maxLength: 4 }), (hello, flags) => {
        const bytes = encodeHello(hello)
        expect(bytes.slice(-12, -8)).toEqual(Uint8Array.of(0, 0, 0, 0))
        bytes.set(flags, bytes.length - 12)
        expect(decodeHello(bytes)).toEqual(hello)
      })
    )
  })

  test('a hello without all of its versions, flags and incarnation is malformed', () => {
    for (let missing = 1; missing <= TAIL_BYTES; missing++)
      expect(codeOfDecoding(helloWith().slice(0, -missing))).toBe('MALFORMED_MESSAGE')
  })

  test('a version range with first > last is malformed', () => {
    expect(codeOfDecoding(helloWith({ versions: { first: 2, last: 1 } }))).toBe('MALFORMED_MESSAGE')
    expect(codeOfDecoding(helloWith({ versions: { first: 2, last: 2 } }))).toBe('decoded')
  })

  test('another layout is distinguished from garbage', () => {
    const bytes = helloWith()
    bytes[4] = 2
    expect(codeOfDecoding(bytes)).toBe('PROTOCOL_MISMATCH')
  })

  test('a label that is too long, an empty address and text that is not UTF-8 are refused', () => {
    const long = helloWith({ label: 'l'.repeat(MAX_LABEL_BYTES + 1) })
    expect(codeOfDecoding(long)).toBe('MALFORMED_MESSAGE')
    expect(codeOfDecoding(helloWith({ address: '' }))).toBe('MALFORMED_MESSAGE')
    const bytes = helloWith()
    bytes[bytes.length - 1 - TAIL_BYTES] = 0xff
    expect(codeOfDecoding(bytes)).toBe('MALFORMED_MESSAGE')
  })
})
