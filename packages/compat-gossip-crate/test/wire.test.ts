import { digestOf } from '@rumormill/protocol'
import { digestFromHex, packDigests, type Message } from '@rumormill/protocol/plugin'
import { encode } from 'cborg'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromCrate, toCrate as toCrateOf } from '../src/wire.ts'

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const bytes = (text: string): Uint8Array =>
  new Uint8Array(Buffer.from(text.replaceAll(/\s/g, ''), 'hex'))
/** Text as CBOR writes it, when shorter than 24 bytes. */
const text = (value: string): string =>
  (0x60 + value.length).toString(16) + Buffer.from(value).toString('hex')
const SELF = '127.0.0.1:9000'
const toCrate = (sender: string, message: Message): Uint8Array => toCrateOf(sender, message, 10)

describe("the crate's bytes", () => {
  it('peer sampling: a map of sender, type and view', () => {
    const view = [{ address: '10.0.0.1:1', age: 300 }]
    const written = toCrate(SELF, { kind: 'view-request', view })
    const read =
      bytes(`10 a3 ${text('sender')} ${text(SELF)} ${text('message_type')} ${text('Request')} ${text('view')}
      81 a2 ${text('address')} ${text('10.0.0.1:1')} ${text('age')} 19012c`)
    // Fields in the order in which serde writes them.
    expect(hex(written)).toBe(hex(read))
    expect(fromCrate(written, 10)).toEqual({
      sender: SELF,
      message: { kind: 'view-request', view }
    })
  })

  it('a request without a view contains null instead', () => {
    const written = toCrate(SELF, { kind: 'view-request', view: [] })
    expect(hex(written)).toContain(text('view') + 'f6')
    expect(fromCrate(written, 10)?.message).toEqual({ kind: 'view-request', view: [] })
  })

  it('contents are arrays of numbers under their digests, empty in a request', () => {
    const content = Uint8Array.of(1, 23, 24, 255)
    const digest = digestOf(content)
    const response = toCrate(SELF, { kind: 'content-response', contents: [content], ages: [7] })
    expect(response[0]).toBe(0x40)
    expect(hex(response)).toContain('840117181818ff')
    expect(hex(response)).toContain(`7840${Buffer.from(digest).toString('hex')}`)
    const request = toCrate(SELF, { kind: 'content-request', digests: digestFromHex(digest)! })
    expect(hex(request)).toContain(`7840${Buffer.from(digest).toString('hex')}80`)
  })

  it('no-ops carry nothing; kinds that the crate lacks become one', () => {
    expect(
      hex(
        toCrate(SELF, {
          kind: 'sketch-request',
          fingerprint: new Uint8Array(16),
          first: 0,
          count: 8
        })
      )
    ).toBe('80f6')
    expect(hex(toCrate(SELF, { kind: 'ihave', digests: new Uint8Array(32) }))).toBe('80f6')
    expect(fromCrate(bytes('80f6'), 10)).toBeUndefined()
    expect(fromCrate(bytes('8f'), 10)).toBeUndefined()
  })

  it('everything that is encoded can be decoded', () => {
    const content = fc.uint8Array({ minLength: 1, maxLength: 300 })
    const contents = fc.uniqueArray(content, { maxLength: 5, selector: digestOf })
    const digests = contents.map((all) =>
      packDigests(all.map((each) => digestFromHex(digestOf(each))!))
    )
    const view = fc.array(
      fc.record({
        address: fc.integer({ min: 1, max: 65_535 }).map((port) => `10.1.2.3:${port}`),
        age: fc.integer({ min: 0, max: 65_535 })
      }),
      { maxLength: 16 }
    )
    const message: fc.Arbitrary<Message> = fc.oneof(
      fc.record({ kind: fc.constantFrom('view-request' as const, 'view-response' as const), view }),
      fc.record({
        kind: fc.constantFrom(
          'digest-request' as const,
          'digest-response' as const,
          'content-request' as const
        ),
        digests
      }),
      contents.map((all) => ({
        kind: 'content-response' as const,
        contents: all,
        // An age is not carried: there it begins anew.
        ages: all.map(() => 0)
      }))
    )
    fc.assert(
      fc.property(message, (each) => {
        const read = fromCrate(toCrate(SELF, each), 10)
        expect(read?.sender).toBe(SELF)
        expect(read?.message).toEqual(each)
      })
    )
  })
})

describe('invalid messages', () => {
  const sender = `${text('sender')} ${text(SELF)}`
  it.each([
    ['no bytes', ''],
    [
      'an unknown kind',
      `20 a3 ${sender} ${text('message_type')} ${text('Other')} ${text('headers')} 80`
    ],
    ['no map', '10 80'],
    ['cut off', `10 a3 ${sender}`],
    [
      'a byte after the end',
      `20 a3 ${sender} ${text('message_type')} ${text('Request')} ${text('headers')} 80 00`
    ],
    [
      'the same key twice',
      `20 a4 ${sender} ${sender} ${text('message_type')} ${text('Request')} ${text('headers')} 80`
    ],
    [
      'a digest that is none',
      `20 a3 ${sender} ${text('message_type')} ${text('Request')} ${text('headers')} 81 ${text('abc')}`
    ],
    [
      'an age of 65,536',
      `10 a3 ${sender} ${text('message_type')} ${text('Request')} ${text('view')} 81 a2 ${text('address')} ${text('a:1')} ${text('age')} 1a00010000`
    ],
    [
      'a byte of 256',
      `40 a3 ${sender} ${text('message_type')} ${text('Response')} ${text('content')} a1 ${text('x')} 81 190100`
    ],
    [
      'a length of 2^40 declared',
      `20 a3 ${sender} ${text('message_type')} ${text('Request')} ${text('headers')} 9b0000010000000000`
    ],
    ['no sender', `20 a2 ${text('message_type')} ${text('Request')} ${text('headers')} 80`]
  ])('%s', (_name, frame) => {
    expect(() => fromCrate(bytes(frame), 10)).toThrowError(
      expect.objectContaining({ code: 'MALFORMED_MESSAGE' })
    )
  })

  it('a nest of a hundred thousand lists', () => {
    const nest = new Uint8Array(100_001).fill(0x81)
    nest[0] = 0x20
    expect(() => fromCrate(nest, 10)).toThrowError(
      expect.objectContaining({ code: 'MALFORMED_MESSAGE' })
    )
  })

  it('more digests than allowed', () => {
    const digests = packDigests([0, 1, 2].map((n) => digestFromHex(digestOf(Uint8Array.of(n)))!))
    expect(() => fromCrate(toCrate(SELF, { kind: 'digest-request', digests }), 2)).toThrowError(
      /too long/
    )
  })

  it('more peers than allowed', () => {
    const view = Array.from({ length: 129 }, (_, n) => ({ address: `10.0.0.1:${n + 1}`, age: 0 }))
    const body = encode({ sender: SELF, message_type: 'Request', view })
    expect(() => fromCrate(Uint8Array.of(0x10, ...body), 10)).toThrowError(/too long/)
  })

  it('random bytes never throw anything else', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.constantFrom(0x10, 0x20, 0x40),
        (tail, kind) => {
          try {
            fromCrate(Uint8Array.of(kind, ...tail), 10)
          } catch (error) {
            expect(error).toMatchObject({ code: 'MALFORMED_MESSAGE' })
          }
        }
      ),
      { numRuns: 2000 }
    )
  })
})
