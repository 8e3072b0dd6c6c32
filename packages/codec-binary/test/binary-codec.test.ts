import type { Codec, Message } from '@rumormill/protocol/plugin'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { binaryCodec } from '../src/index.ts'

const malformed = expect.objectContaining({ code: 'MALFORMED_MESSAGE' })
const codec = binaryCodec()

function bytes(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
}

describe('options', () => {
  test('that are invalid throw an error with every reason', () => {
    expect(() => binaryCodec({ maxDigests: 0, maxPeers: 1.5 })).toThrow(
      expect.objectContaining({
        code: 'INVALID_CONFIG',
        message: expect.stringMatching(/maxDigests.*maxPeers/)
      })
    )
    expect(() => binaryCodec({ maxContents: NaN })).toThrow(
      expect.objectContaining({ code: 'INVALID_CONFIG' })
    )
    expect(() => binaryCodec({ maxContents: '3' as never })).toThrow(
      expect.objectContaining({ code: 'INVALID_CONFIG' })
    )
  })

  test('cannot be lower than what correct peers send', () => {
    expect(() => binaryCodec({ maxContents: 1023 })).toThrow(
      'maxContents must be at least 1024: correct peers send as much'
    )
    expect(binaryCodec({ maxContents: 1024 }).name).toBe('binary')
  })

  test('that are undefined keep their default', () => {
    const peers = Array.from({ length: 128 }, () => ({ address: 'h:1', age: 0 }))
    const defaults = binaryCodec({ maxPeers: undefined as never })
    expect(defaults.decode(defaults.encode({ kind: 'view-request', view: peers }))).toHaveProperty(
      'view.length',
      128
    )
  })
})

describe('contentLimit', () => {
  test('is the size of the message minus the overhead of one content', () => {
    expect(codec.contentLimit(1_048_576)).toBe(1_048_576 - 22)
    expect(codec.contentLimit(22)).toBe(0)
    expect(codec.contentLimit(23)).toBe(1)
  })

  test('is a number for any argument', () => {
    for (const odd of [-1, NaN, 0.5]) expect(codec.contentLimit(odd)).toBe(0)
    expect(codec.contentLimit(Infinity)).toBe(2 ** 28 - 1)
  })
})

describe('decode refuses', () => {
  const frames: readonly [string, string][] = [
    ['no bytes', ''],
    ['a version alone', '01'],
    ['a missing count', '01 01'],
    ['a count in two bytes that fits one', '01 01 80 00'],
    ['a count in five bytes', '01 01 80 80 80 80 01'],
    ['a count beyond the cap', '01 01 81 01'],
    ['a count beyond what is left', '01 01 02 01 00'],
    ['an empty address', '01 01 01 00 00'],
    ['an address of 257 bytes', `01 01 01 81 02 00 ${'61'.repeat(257)}`],
    ['an age beyond the highest', '01 01 01 01 80 80 04 61'],
    ['an age in too many bytes', '01 01 01 01 80 00 61'],
    ['an address that is cut off', '01 01 01 02 00 61'],
    ['an address that is not UTF-8', '01 01 01 01 00 ff'],
    ['an address with a surrogate', '01 01 01 03 00 ed a0 80'],
    ['an overlong slash', '01 01 01 02 00 c0 af'],
    ['a character that two addresses share', '01 01 02 01 00 01 00 c3 bc'],
    ['half a digest', `01 03 01 ${'00'.repeat(16)}`],
    ['a count of 2^28 - 1 digests', '01 03 ff ff ff 7f'],
    ['a content longer than the message', '01 06 01 05 00 00'],
    ['a content of 2^28 - 1 bytes', '01 06 01 ff ff ff 7f 00 00'],
    ['a missing content', '01 06 02 01 00 00'],
    ['a content without an age', '01 06 01 01'],
    ['an age of a content in five bytes', '01 06 01 01 80 80 80 80 01 00'],
    ['a time to live that is cut off', '01 06 01 01 01 80'],
    ['a refusal without digests', '01 0d 00'],
    ['a refusal of half a digest', `01 0d 00 01 ${'00'.repeat(16)}`],
    ['symbols longer than the message', `01 0b ${'00'.repeat(16)} 00 00 04 00`],
    ['half a symbol', `01 0b ${'00'.repeat(16)} 00 00 02 00 00`]
  ]
  test.each(frames)('%s', (_, hex) => {
    expect(() => codec.decode(bytes(hex))).toThrow(malformed)
  })

  test('more than 80 KiB of symbols, or of short ids', () => {
    const sketch = `01 0b ${'00'.repeat(16)} 00 00`
    const most = `80 80 05 ${'00'.repeat(81_920)}`
    expect(codec.decode(bytes(`${sketch} ${most}`))).toHaveProperty('symbols.length', 81_920)
    expect(() => codec.decode(bytes(`${sketch} 84 80 05 ${'00'.repeat(81_924)}`))).toThrow(
      malformed
    )
    expect(codec.decode(bytes(`01 0c 00 ${most}`))).toHaveProperty('ids.length', 81_920)
    expect(() => codec.decode(bytes(`01 0c 00 88 80 05 ${'00'.repeat(81_928)}`))).toThrow(malformed)
  })

  test('without repeating the bytes of a peer in the error', () => {
    const hostile = bytes('01 01 01 03 00 ff 62 63')
    expect(() => codec.decode(hostile)).toThrow(/^MALFORMED_MESSAGE: binary: [a-zA-Z0-9 -]{1,40}$/)
  })
})

describe('a later version', () => {
  test.each([
    ['another version', '02 01 00'],
    ['version zero', '00'],
    ['the header before this one', '11 00'],
    ['an unknown kind', '01 7f 00'],
    ['kind zero', '01 00 00'],
    ['an unknown kind without fields', '01 ff']
  ])('%s is told apart from what is malformed', (_, hex) => {
    expect(() => codec.decode(bytes(hex))).toThrow(
      expect.objectContaining({
        code: 'UNKNOWN_MESSAGE',
        message: expect.stringMatching(/^UNKNOWN_MESSAGE: binary: unknown (version|kind)$/)
      })
    )
  })

  test('may add fields to any kind, which are skipped', () => {
    const digests = new Uint8Array(64).fill(3)
    const fingerprint = new Uint8Array(16).fill(4)
    const messages: readonly Message[] = [
      { kind: 'view-request', view: [{ address: 'h:1', age: 3 }] },
      { kind: 'view-request', view: [] },
      { kind: 'view-response', view: [{ address: 'häuser:1', age: 3 }] },
      { kind: 'digest-request', digests },
      { kind: 'content-response', contents: [Uint8Array.of(1)], ages: [9] },
      { kind: 'eager-push', tree: 1, check: 2, contents: [Uint8Array.of(1)], ages: [9] },
      { kind: 'prune', tree: 5 },
      { kind: 'refused', tree: 5, digests },
      { kind: 'sketch-request', fingerprint, first: 0, count: 8 },
      { kind: 'sketch-response', fingerprint, updates: 1, first: 0, symbols: new Uint8Array(4) },
      { kind: 'difference-request', digests, ids: new Uint8Array(8) }
    ]
    for (const message of messages) {
      const frame = Uint8Array.from([...codec.encode(message), 1, 2, 0xff])
      expect(codec.decode(frame)).toStrictEqual(message)
    }
  })

  test('may give a content a time to live, which is skipped', () => {
    expect(codec.decode(bytes('01 06 02 01 0f 80 01 aa 01 10 bb'))).toStrictEqual({
      kind: 'content-response',
      contents: [Uint8Array.of(0xaa), Uint8Array.of(0xbb)],
      ages: [7, 8]
    })
  })
})

/** Returns `contents` after encoding and decoding. */
function carried(
  contents: readonly Uint8Array[],
  wrap = (frame: Uint8Array): Uint8Array => frame
): readonly Uint8Array[] {
  const sent: Message = {
    kind: 'content-response',
    contents,
    ages: contents.map((_, index) => index)
  }
  const message = codec.decode(wrap(codec.encode(sent)))
  expect(message).toStrictEqual(sent)
  return message.kind === 'content-response' ? message.contents : []
}

describe('memory', () => {
  const contents = Array.from({ length: 40 }, (_, index) => new Uint8Array(1000).fill(index))

  test('a small content keeps at most 16 KiB of its message alive', () => {
    const decoded = carried([...contents, new Uint8Array(5000)])
    for (const content of decoded.slice(0, 40))
      expect(content.buffer.byteLength).toBeLessThanOrEqual(16_384)
    expect(decoded[40]!.buffer.byteLength).toBe(5000)
  })

  test('a content that is most of its buffer is not copied, any other is', () => {
    const content = new Uint8Array(20_000).fill(7)
    const alone = codec.encode({ kind: 'content-response', contents: [content], ages: [0] })
    const [crowded, tight] = [
      new Uint8Array(2 * content.length + 1),
      new Uint8Array(2 * content.length)
    ]
    for (const larger of [crowded, tight]) larger.set(alone)
    const bufferOf = (frame: Uint8Array): ArrayBufferLike =>
      carried([content], () => frame)[0]!.buffer
    expect(bufferOf(alone)).toBe(alone.buffer)
    expect(bufferOf(tight.subarray(0, alone.length))).toBe(tight.buffer)
    expect(bufferOf(crowded.subarray(0, alone.length)).byteLength).toBe(content.length)
  })

  test('contents never share memory with another message', () => {
    const buffers = new Set(carried(contents).map(({ buffer }) => buffer))
    for (const { buffer } of carried(contents)) expect(buffers.has(buffer)).toBe(false)
  })

  test('a declared length allocates no memory', () => {
    const before = process.memoryUsage().arrayBuffers
    expect(() => codec.decode(bytes('01 06 01 ff ff ff 7f 00'))).toThrow(malformed)
    expect(() => codec.decode(bytes('01 03 ff ff ff 7f 00'))).toThrow(malformed)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20)
  })

  test('a content above the highest length is not encoded', () => {
    // Never touched, so it takes address space only.
    const beyond = new Uint8Array(2 ** 28)
    expect(() => codec.encode({ kind: 'content-response', contents: [beyond], ages: [0] })).toThrow(
      malformed
    )
  })

  test('a transferred buffer does not affect later messages', () => {
    const first = codec.encode({ kind: 'view-request', view: [] })
    structuredClone(first.buffer, { transfer: [first.buffer] })
    expect(codec.encode({ kind: 'view-request', view: [] })).toEqual(Uint8Array.of(1, 1, 0))
  })

  test('contents decoded from a Buffer are plain bytes, whose slice copies', () => {
    // Tiny, small and large ones are copied in ways of their own.
    const sizes = [new Uint8Array(3), ...contents, new Uint8Array(5000)]
    for (const content of carried(sizes, (frame) => Buffer.from(frame)))
      expect(content.constructor).toBe(Uint8Array)
  })
})

describe('where there is no Buffer', () => {
  afterEach(() => {
    vi.unstubAllGlobals()
    vi.resetModules()
  })

  test('the frames are the same', async () => {
    vi.resetModules()
    vi.stubGlobal('Buffer', undefined)
    const elsewhere: Codec = (await import('../src/index.ts')).binaryCodec()
    const content: Message = {
      kind: 'content-response',
      contents: [new Uint8Array(20_000).fill(7), Uint8Array.of(1)],
      ages: [0, 300]
    }
    const peers = [
      { address: 'häuser:1', age: 300 },
      { address: 'h:2', age: 0 }
    ]
    const view: Message = { kind: 'view-request', view: peers }
    for (const message of [content, view]) {
      const frame = elsewhere.encode(message)
      expect(frame).toEqual(codec.encode(message))
      expect(elsewhere.decode(frame)).toStrictEqual(message)
    }
  })
})
