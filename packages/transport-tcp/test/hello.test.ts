import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  decodeHello,
  encodeHello,
  MAX_HELLO_BYTES,
  MAX_LABEL_BYTES,
  type Hello,
  type Verdict
} from '../src/hello.ts'

const verdict = fc.constantFrom<Verdict[]>('welcome', 'other-protocol', 'address-refused', 'full')
const label = fc.string({ unit: 'grapheme', maxLength: 60 })
const address = fc.string({ minLength: 1, maxLength: 80 })
const anyHello: fc.Arbitrary<Hello> = fc.record({ verdict, label, address })

function codeOfDecoding(bytes: Uint8Array): string {
  try {
    decodeHello(bytes)
    return 'decoded'
  } catch (error) {
    return (error as { code: string }).code
  }
}

describe('hello', () => {
  test('says what it was told', () => {
    fc.assert(
      fc.property(anyHello, (hello) => {
        expect(decodeHello(encodeHello(hello))).toEqual(hello)
      })
    )
  })

  test('the longest hello fits its frame', () => {
    const bytes = encodeHello({
      verdict: 'full',
      label: 'l'.repeat(MAX_LABEL_BYTES),
      address: 'a'.repeat(256)
    })
    expect(bytes.length).toBeLessThanOrEqual(MAX_HELLO_BYTES)
    expect(decodeHello(bytes).label).toHaveLength(MAX_LABEL_BYTES)
  })

  test('any bytes are a hello or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        expect(codeOfDecoding(bytes)).toBe('MALFORMED_MESSAGE')
      })
    )
  })

  test('a hello with one byte changed, cut or longer never does more than be refused or differ', () => {
    fc.assert(
      fc.property(anyHello, fc.nat(), fc.nat(255), (hello, at, byte) => {
        const bytes = encodeHello(hello)
        expect(codeOfDecoding(bytes.slice(0, at % bytes.length))).toBe('MALFORMED_MESSAGE')
        expect(codeOfDecoding(Uint8Array.from([...bytes, byte]))).toBe('MALFORMED_MESSAGE')
        bytes[at % bytes.length] = byte
        expect(['decoded', 'MALFORMED_MESSAGE', 'PROTOCOL_MISMATCH']).toContain(
          codeOfDecoding(bytes)
        )
      })
    )
  })

  test('another version is told apart from garbage', () => {
    const bytes = encodeHello({ verdict: 'welcome', label: 'l', address: 'a' })
    bytes[4] = 2
    expect(codeOfDecoding(bytes)).toBe('PROTOCOL_MISMATCH')
  })

  test('too long a label, an empty address and text that is not UTF-8 are refused', () => {
    const long = encodeHello({
      verdict: 'welcome',
      label: 'l'.repeat(MAX_LABEL_BYTES + 1),
      address: 'a'
    })
    expect(codeOfDecoding(long)).toBe('MALFORMED_MESSAGE')
    expect(codeOfDecoding(encodeHello({ verdict: 'welcome', label: 'l', address: '' }))).toBe(
      'MALFORMED_MESSAGE'
    )
    const bytes = encodeHello({ verdict: 'welcome', label: 'l', address: 'a' })
    bytes[bytes.length - 1] = 0xff
    expect(codeOfDecoding(bytes)).toBe('MALFORMED_MESSAGE')
  })
})
