import type { Message } from '@rumormill/protocol/plugin'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { jsonCodec } from '../src/index.ts'

const malformed = expect.objectContaining({ code: 'MALFORMED_MESSAGE' })
const codec = jsonCodec()
const hex = 'ab'.repeat(32)

function decode(text: string): Message {
  return codec.decode(new TextEncoder().encode(text))
}

function encode(message: Message): string {
  return new TextDecoder().decode(codec.encode(message))
}

describe('the text', () => {
  test('of a view names addresses and ages', () => {
    expect(encode({ kind: 'view-request', view: [{ address: '10.0.0.1:9000', age: 0 }] })).toBe(
      '{"v":1,"kind":"view-request","view":[{"address":"10.0.0.1:9000","age":0}]}'
    )
  })

  test('of digests is hex', () => {
    expect(encode({ kind: 'digest-response', digests: new Uint8Array(32).fill(0xab) })).toBe(
      `{"v":1,"kind":"digest-response","digests":["${hex}"]}`
    )
  })

  test('of contents is padded base64', () => {
    expect(
      encode({
        kind: 'content-response',
        contents: [Uint8Array.of(1), Uint8Array.of(0xfb, 0xff, 0xfe)],
        ages: [0, 700]
      })
    ).toBe('{"v":1,"kind":"content-response","contents":["AQ==","+//+"],"ages":[0,700]}')
  })

  test('may be written by hand, with white space and keys in any order', () => {
    expect(
      decode(
        '{ "view" : [ { "age": 3, "address": "h:\\u0031" } ],\n  "kind": "view-response", "v": 1 }\n'
      )
    ).toEqual({ kind: 'view-response', view: [{ address: 'h:1', age: 3 }] })
  })

  test('may have JSON punctuation inside addresses', () => {
    const message: Message = {
      kind: 'view-request',
      view: [{ address: '"a":[{\\"b\\\\":1,}],', age: 1 }]
    }
    expect(decode(encode(message))).toEqual(message)
  })

  test('has no minus zero', () => {
    expect(decode('{"v":1,"kind":"view-request","view":[{"address":"h","age":-0}]}')).toStrictEqual(
      { kind: 'view-request', view: [{ address: 'h', age: 0 }] }
    )
  })
})

const peer = (entry: string): string => `{"v":1,"kind":"view-request","view":[${entry}]}`
const content = (entry: string, ages = '0'): string =>
  `{"v":1,"kind":"content-response","contents":[${entry}],"ages":[${ages}]}`
const digest = (entry: string): string => `{"v":1,"kind":"digest-request","digests":[${entry}]}`

const refused: readonly [string, string][] = [
  ['no text', ''],
  ['null', 'null'],
  ['a list', '[]'],
  ['a string', '"view-request"'],
  ['a version below 0', '{"v":-1,"kind":"neighbor"}'],
  ['a version that is no integer', '{"v":1.5,"kind":"neighbor"}'],
  [
    'a fingerprint of a thousand bytes',
    `{"v":1,"kind":"sketch-request","fingerprint":"${'00'.repeat(1000)}","first":0,"count":0}`
  ],
  ['a version as text', '{"v":"1","kind":"view-request","view":[]}'],
  ['no version', '{"kind":"view-request","view":[]}'],
  ['no kind', '{"v":1,"view":[]}'],
  ['a kind that is no text', '{"v":1,"kind":7,"view":[]}'],
  ['the field of another kind', '{"v":1,"kind":"view-request","digests":[]}'],
  ['an unknown key given twice', '{"v":1,"kind":"view-request","view":[],"more":1,"more":1}'],
  ['a key given twice', '{"v":1,"kind":"view-request","view":[],"view":[]}'],
  ['a kind given twice', '{"v":1,"kind":"view-request","kind":"view-request","view":[]}'],
  ['a key given twice in another spelling', '{"v":1,"kind":"view-request","view":[],"\\u0076":1}'],
  ['an age given twice', peer('{"address":"h","age":1,"age":2}')],
  ['__proto__ in place of a key', '{"v":1,"kind":"view-request","__proto__":{"view":[]}}'],
  ['__proto__ in a peer', peer('{"address":"h","__proto__":{"age":1}}')],
  ['constructor', '{"v":1,"kind":"view-request","constructor":[]}'],
  ['a view that is no list', '{"v":1,"kind":"view-request","view":{"length":0}}'],
  ['a peer that is no object', peer('"h"')],
  ['a peer that is a list', peer('["h",1]')],
  ['a peer without age', peer('{"address":"h"}')],
  ['an age of -1', peer('{"address":"h","age":-1}')],
  ['an age of 1.5', peer('{"address":"h","age":1.5}')],
  ['an age of 65,536', peer('{"address":"h","age":65536}')],
  ['an age of 2^53', peer('{"address":"h","age":9007199254740992}')],
  ['an age of 1e999', peer('{"address":"h","age":1e999}')],
  ['an age of NaN', peer('{"address":"h","age":NaN}')],
  ['an age as text', peer('{"address":"h","age":"1"}')],
  ['no age', peer('{"address":"h","age":null}')],
  ['an empty address', peer('{"address":"","age":1}')],
  ['a lone surrogate', peer('{"address":"a\\ud800","age":1}')],
  ['an address of 257 characters', peer(`{"address":"${'a'.repeat(257)}","age":1}`)],
  ['an address of 257 bytes', peer(`{"address":"${'ü'.repeat(128)}a","age":1}`)],
  ['upper-case hex', digest(`"${hex.toUpperCase()}"`)],
  ['hex too short', digest(`"${hex.slice(2)}"`)],
  ['hex with other letters', digest(`"${'xy'.repeat(32)}"`)],
  ['a digest that is a list', digest(`["${hex}"]`)],
  ['base64 without padding', content('"AQ"')],
  ['base64 with too much padding', content('"AQ==="')],
  ['base64 with bits left over', content('"AR=="')],
  ['base64 for URLs', content('"-__-"')],
  ['base64 with white space', content('"AQ== "')],
  ['a lone mark of padding', content('"A==="')],
  ['a content that is null', content('null')],
  ['a content without an age', content('"AQ=="', '')],
  ['an age without a content', content('', '0')],
  ['an age of a content of 2^27', content('"AQ=="', '134217728')],
  ['a byte order mark', '\ufeff{"v":1,"kind":"view-request","view":[]}'],
  [
    'two messages',
    '{"v":1,"kind":"view-request","view":[]}{"v":1,"kind":"view-request","view":[]}'
  ],
  ['a string without end', '{"v":1,"kind":"view-request'],
  ['a string without end behind a backslash', '{"v":1,"kind":"view-request\\"'],
  ['a comment', '{"v":1,"kind":"view-request","view":[]/**/}']
]

const unknown: readonly [string, string][] = [
  ['another version', '{"v":2,"kind":"view-request","view":[]}'],
  ['another version, of another shape', '{"v":2,"type":7}'],
  ['an unknown kind', '{"v":1,"kind":"toString","view":[]}'],
  ['an unknown kind with other fields', '{"v":1,"kind":"leave","address":"h","incarnation":1}']
]

describe('a later version', () => {
  test.each(unknown)('%s is unknown, not malformed', (_, text) => {
    expect(() => decode(text)).toThrow(
      expect.objectContaining({
        code: 'UNKNOWN_MESSAGE',
        message: expect.stringMatching(/^UNKNOWN_MESSAGE: json: unknown (version|kind)$/)
      })
    )
  })

  test.each([
    ['a key', '{"v":1,"kind":"view-request","view":[],"more":1}'],
    ['a key with a list of lists', '{"v":1,"kind":"view-request","view":[],"more":[[1,2],[]]}'],
    ['a key with an object', '{"v":1,"kind":"view-request","more":{"view":[1]},"view":[]}'],
    ['__proto__', '{"v":1,"kind":"view-request","view":[],"__proto__":{}}'],
    [
      'constructor',
      '{"v":1,"kind":"view-request","constructor":{"prototype":{"polluted":1}},"view":[]}'
    ]
  ])('may add %s, which is skipped', (_, text) => {
    expect(decode(text)).toStrictEqual({ kind: 'view-request', view: [] })
  })

  test('may add a key to an entry of a view', () => {
    expect(decode(peer('{"address":"h","age":1,"incarnation":9}'))).toStrictEqual({
      kind: 'view-request',
      view: [{ address: 'h', age: 1 }]
    })
  })
})

describe('decode refuses', () => {
  test.each(refused)('%s', (_, text) => {
    expect(() => decode(text)).toThrow(malformed)
  })

  test('bytes that are not UTF-8', () => {
    const text = new TextEncoder().encode(peer('{"address":"hh","age":1}'))
    text[text.indexOf(0x68)] = 0xff
    expect(() => codec.decode(text)).toThrow(malformed)
  })

  test('more than 80 KiB of symbols, or of short ids', () => {
    const base64 = (length: number): string => Buffer.alloc(length).toString('base64')
    const sketch = (length: number): string =>
      `{"v":1,"kind":"sketch-response","fingerprint":"${'00'.repeat(16)}","updates":0,"first":0,"symbols":"${base64(length)}"}`
    const difference = (length: number): string =>
      `{"v":1,"kind":"difference-request","digests":[],"ids":"${base64(length)}"}`
    expect(decode(sketch(81_920))).toHaveProperty('symbols.length', 81_920)
    expect(() => decode(sketch(81_924))).toThrow(malformed)
    expect(decode(difference(81_920))).toHaveProperty('ids.length', 81_920)
    expect(() => decode(difference(81_928))).toThrow(malformed)
  })

  test('without repeating the text of a peer in the error', () => {
    for (const [, text] of refused) {
      expect(() => decode(text)).toThrow(/^MALFORMED_MESSAGE: json: [a-zA-Z0-9 -]{1,60}$/)
    }
  })
})

describe('sizes', () => {
  test('a text above maxTextBytes is refused on both sides', () => {
    const message: Message = {
      kind: 'content-response',
      contents: [new Uint8Array(262_144)],
      ages: [0]
    }
    const raised = jsonCodec({ maxTextBytes: 1_048_576 })
    expect(() => codec.encode(message)).toThrow(malformed)
    expect(() => codec.decode(raised.encode(message))).toThrow(malformed)
    expect(raised.decode(raised.encode(message))).toEqual(message)
  })

  test('the content limit takes the cap on texts into account', () => {
    expect(codec.contentLimit(2 ** 30)).toBe(codec.contentLimit(262_144))
    expect(codec.contentLimit(262_144)).toBeGreaterThan(196_500)
    const raised = jsonCodec({ maxTextBytes: 1_048_576 })
    expect(raised.contentLimit(262_144)).toBe(codec.contentLimit(2 ** 30))
    expect(raised.contentLimit(2 ** 30)).toBe(raised.contentLimit(1_048_576))
    for (const odd of [-1, NaN, 0.5, 48]) expect(codec.contentLimit(odd)).toBe(0)
  })

  test('options cannot be lower than what correct peers send', () => {
    expect(() => jsonCodec({ maxTextBytes: 262_143 })).toThrow(
      'maxTextBytes must be at least 262144: correct peers send as much'
    )
  })

  test('options out of range throw an error with every reason', () => {
    expect(() =>
      jsonCodec({ maxTextBytes: 0, maxDigests: -1, maxPeers: 0.5, maxContents: Infinity })
    ).toThrow(
      expect.objectContaining({
        code: 'INVALID_CONFIG',
        message: expect.stringMatching(/maxTextBytes.*maxDigests.*maxPeers.*maxContents/)
      })
    )
  })
})

describe('where there is no Buffer', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
    vi.resetModules()
  })

  test('texts are the same, and as strict', async () => {
    vi.resetModules()
    vi.stubGlobal('Buffer', undefined)
    const elsewhere = (await import('../src/index.ts')).jsonCodec()
    const messages: Message[] = [
      {
        kind: 'content-response',
        contents: [0, 1, 2, 3, 4, 255].map((length) => new Uint8Array(length).fill(length)),
        ages: [0, 1, 2, 3, 4, 255]
      },
      { kind: 'digest-request', digests: Uint8Array.from({ length: 96 }, (_, index) => index * 5) }
    ]
    for (const message of messages) {
      expect(elsewhere.encode(message)).toEqual(codec.encode(message))
      expect(elsewhere.decode(codec.encode(message))).toStrictEqual(message)
    }
    for (const [, text] of refused) {
      expect(() => elsewhere.decode(new TextEncoder().encode(text))).toThrow(malformed)
    }
  })
})
