import { describe, expect, test } from 'vitest'
import { binaryCodec } from '../src/index.ts'

/** The limit for a busy machine. The aim is 60 ms, and each takes a few ms at most when measured alone. */
const LONGEST_MS = 60

const codec = binaryCodec()
const utf8 = new TextEncoder()
const KiB = 1024

const bombs: readonly [string, Uint8Array][] = [
  ['a megabyte of set bits', joined([1, 3], new Uint8Array(1024 * KiB).fill(0xff))],
  ['2^28 - 1 peers', Uint8Array.of(1, 1, 0xff, 0xff, 0xff, 0x7f)],
  ['2^28 - 1 digests', Uint8Array.of(1, 3, 0xff, 0xff, 0xff, 0x7f)],
  ['2^28 - 1 contents', Uint8Array.of(1, 6, 0xff, 0xff, 0xff, 0x7f)],
  ['a content of 2^28 - 1 bytes', Uint8Array.of(1, 6, 1, 0xff, 0xff, 0xff, 0x7f, 0)],
  ['10^6 empty contents', joined([1, 6, 0xc0, 0x84, 0x3d], new Uint8Array(1_000_000))],
  [
    'an address of 1 MB',
    joined([1, 1, 1, 0xc0, 0x84, 0x3d, 0], utf8.encode('a'.repeat(1_000_000)))
  ],
  ['a lone surrogate', Uint8Array.of(1, 1, 1, 3, 0, 0xed, 0xa0, 0x80)],
  ['128 addresses of broken UTF-8', broken(128)],
  ['an age of 2^28 - 1', Uint8Array.of(1, 1, 1, 1, 0xff, 0xff, 0xff, 0x7f, 0x61)],
  ['a number without end', joined([1, 1], new Uint8Array(1_000_000).fill(0x80))],
  ['5,000 digests declared, one missing', joined([1, 3, 0x88, 0x27], new Uint8Array(159_968))]
]

/** A view of `count` addresses, valid as one text, in which every cut falls inside a character. */
function broken(count: number): Uint8Array {
  const heads = Array.from({ length: count }, () => [1, 0]).flat()
  const text = utf8.encode('\u00fc'.repeat(count / 2))
  return joined([1, 1, 0x80, 1, ...heads], text)
}

/** Frames of another version or kind, or with fields that a later version may add: handled separately, and as fast. */
const strange: readonly [string, Uint8Array, string | undefined][] = [
  ['a megabyte of zeros', new Uint8Array(1024 * KiB), 'UNKNOWN_MESSAGE'],
  [
    'a megabyte of an unknown kind',
    joined([1, 0xff], new Uint8Array(1024 * KiB)),
    'UNKNOWN_MESSAGE'
  ],
  [
    '1,024 empty contents before a megabyte',
    joined([1, 6, 0x80, 8], new Uint8Array(1024 * KiB)),
    undefined
  ],
  ['a digest before a megabyte', joined([1, 3, 1], new Uint8Array(1024 * KiB)), undefined]
]

function joined(head: readonly number[], tail: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(head.length + tail.length)
  bytes.set(head)
  bytes.set(tail, head.length)
  return bytes
}

describe('a codec bomb is refused at once', () => {
  test.each(bombs)('%s', (_, bomb) => {
    const prototypeKeys = Reflect.ownKeys(Object.prototype).length
    // The best of three: a pause of the machine is not the codec's.
    const tookMs = Math.min(
      ...[1, 2, 3].map(() => {
        const startMs = performance.now()
        expect(() => codec.decode(bomb)).toThrow(
          expect.objectContaining({ code: 'MALFORMED_MESSAGE' })
        )
        return performance.now() - startMs
      })
    )
    expect(tookMs).toBeLessThan(LONGEST_MS)
    expect(Reflect.ownKeys(Object.prototype)).toHaveLength(prototypeKeys)
  })
})

describe('a frame of a later version is handled at once', () => {
  test.each(strange)('%s', (_, frame, code) => {
    const tookMs = Math.min(
      ...[1, 2, 3].map(() => {
        const startMs = performance.now()
        if (code === undefined) codec.decode(frame)
        else expect(() => codec.decode(frame)).toThrow(expect.objectContaining({ code }))
        return performance.now() - startMs
      })
    )
    expect(tookMs).toBeLessThan(LONGEST_MS)
  })
})
