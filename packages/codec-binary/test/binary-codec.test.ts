import { type Codec, type Message } from '@rumormill/protocol'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { binaryCodec } from '../src/index.ts'

const malformed = expect.objectContaining({ code: 'MALFORMED_MESSAGE' })
const codec = binaryCodec()

function bytes(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
}

describe('options', () => {
  test('that are wrong are refused, with every reason', () => {
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
  test('is the size of the message less what stands around one content', () => {
    expect(codec.contentLimit(1_048_576)).toBe(1_048_576 - 17)
    expect(codec.contentLimit(17)).toBe(0)
    expect(codec.contentLimit(18)).toBe(1)
  })

  test('is a number whatever is asked', () => {
    for (const odd of [-1, NaN, 0.5]) expect(codec.contentLimit(odd)).toBe(0)
    expect(codec.contentLimit(Infinity)).toBe(2 ** 28 - 1)
  })
})

describe('decode refuses', () => {
  const frames: readonly [string, string][] = [
    ['no bytes', ''],
    ['another version', '21 00'],
    ['an unknown kind', '18 00'],
    ['kind zero', '10 00'],
    ['a missing count', '11'],
    ['a count in two bytes that fits one', '11 80 00'],
    ['a count in five bytes', '11 80 80 80 80 01'],
    ['a count beyond the cap', '11 81 01'],
    ['a count beyond what is left', '11 02 01 00'],
    ['an empty address', '11 01 00 00'],
    ['an address of 257 bytes', `11 01 81 02 00 ${'61'.repeat(257)}`],
    ['an age beyond the highest', '11 01 01 80 80 04 61'],
    ['an age in too many bytes', '11 01 01 80 00 61'],
    ['an address that is cut off', '11 01 02 00 61'],
    ['an address that is not UTF-8', '11 01 01 00 ff'],
    ['an address with a surrogate', '11 01 03 00 ed a0 80'],
    ['an overlong slash', '11 01 02 00 c0 af'],
    ['a character that two addresses share', '11 02 01 00 01 00 c3 bc'],
    ['a byte after the view', '11 01 01 00 61 61'],
    ['half a digest', `13 01 ${'00'.repeat(16)}`],
    ['a digest too many', `13 01 ${'00'.repeat(64)}`],
    ['a count of 2^28 - 1 digests', '13 ff ff ff 7f'],
    ['a content longer than the message', '16 01 05 00'],
    ['a content of 2^28 - 1 bytes', '16 01 ff ff ff 7f 00'],
    ['a missing content', '16 02 01 00'],
    ['a byte after the contents', '16 01 01 00 00']
  ]
  test.each(frames)('%s', (_, hex) => {
    expect(() => codec.decode(bytes(hex))).toThrow(malformed)
  })

  test('without repeating what a stranger sent', () => {
    const hostile = bytes('11 01 03 00 ff 62 63')
    expect(() => codec.decode(hostile)).toThrow(/^MALFORMED_MESSAGE: binary: [a-zA-Z0-9 -]{1,40}$/)
  })
})

/** The contents that come back when `contents` are sent. */
function carried(
  contents: readonly Uint8Array[],
  wrap = (frame: Uint8Array): Uint8Array => frame
): readonly Uint8Array[] {
  const message = codec.decode(wrap(codec.encode({ kind: 'content-response', contents })))
  expect(message).toStrictEqual({ kind: 'content-response', contents })
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

  test('a content that is most of the buffer it came in is taken as it is, any other is copied', () => {
    const content = new Uint8Array(20_000).fill(7)
    const alone = codec.encode({ kind: 'content-response', contents: [content] })
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

  test('a declared length takes no memory', () => {
    const before = process.memoryUsage().arrayBuffers
    expect(() => codec.decode(bytes('16 01 ff ff ff 7f 00'))).toThrow(malformed)
    expect(() => codec.decode(bytes('13 ff ff ff 7f 00'))).toThrow(malformed)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2 ** 20)
  })

  test('a content beyond the highest length is not encoded', () => {
    // Never touched, so it takes address space only.
    const beyond = new Uint8Array(2 ** 28)
    expect(() => codec.encode({ kind: 'content-response', contents: [beyond] })).toThrow(malformed)
  })

  test('a transferred buffer costs later messages nothing', () => {
    const first = codec.encode({ kind: 'view-request', view: [] })
    structuredClone(first.buffer, { transfer: [first.buffer] })
    expect(codec.encode({ kind: 'view-request', view: [] })).toEqual(Uint8Array.of(0x11, 0))
  })

  test('what comes out of a Buffer is plain bytes, whose slice copies', () => {
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
      contents: [new Uint8Array(20_000).fill(7), Uint8Array.of(1)]
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
