/** Checks the readers that the check of tables uses, with known values. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { crc32c } from '../src/crc32c.ts'
import { uncompressed } from '../src/snappy.ts'
import { damagedTables } from '../src/table.ts'
import { readVarint } from '../src/varint.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('CRC-32C', () => {
  test.each<[string, Uint8Array, number]>([
    ['nothing', new Uint8Array(0), 0],
    ['the digits', bytes('123456789'), 0xe3069283],
    ['32 zeros', new Uint8Array(32), 0x8a9136aa],
    ['32 ones', new Uint8Array(32).fill(0xff), 0x62a8ab43]
  ])('of %s', (_what, input, sum) => {
    expect(crc32c(input)).toBe(sum)
    expect(crc32c(input.subarray(5), crc32c(input.subarray(0, 5)))).toBe(sum)
  })
})

describe('Snappy', () => {
  test('literals and copies', () => {
    // "abcdabcdabcdX": 4 literal bytes, a copy of 8 from 4 back that overlaps itself, and one literal byte.
    expect(
      uncompressed(Uint8Array.of(13, 3 << 2, ...bytes('abcd'), 1 | (4 << 2), 4, 0, ...bytes('X')))
    ).toEqual(bytes('abcdabcdabcdX'))
    // A literal with a separate length byte, and a copy with an offset of two bytes.
    const long = new Uint8Array(100).fill(7)
    expect(uncompressed(Uint8Array.of(110, 60 << 2, 99, ...long, 2 | (9 << 2), 100, 0))).toEqual(
      new Uint8Array(110).fill(7)
    )
  })

  test.each<[string, number[]]>([
    ['that ends early', [5, 4 << 2, 1]],
    ['that is shorter than it says', [5, 0, 1]],
    ['that copies from before its start', [8, 0, 1, 1 | (3 << 2), 2]],
    ['that is longer than it says', [2, 0, 1, 1, 1]],
    ['of an absurd length', [0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0]],
    ['without an end to its length', [0xff]]
  ])('%s is refused', (_what, block) => {
    expect(() => uncompressed(Uint8Array.from(block))).toThrow(RangeError)
  })
})

test('damaged tables are found by their names and their ends; other files are left alone', async () => {
  // A table ends in a magic number; the places of its blocks before that are nonsense here.
  const damaged = Buffer.alloc(64, 0xff)
  damaged.writeBigUInt64LE(0xdb4775248b80fb57n, 56)
  const folder = await mkdtemp(join(tmpdir(), 'tables-'))
  try {
    for (const name of ['1.ldb', '2.sst', '3.ldb.saved', 'LOG', 'ldb'])
      await writeFile(join(folder, name), damaged)
    expect([...(await damagedTables(folder))].toSorted()).toEqual(['1.ldb', '2.sst'])
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('varints', () => {
  const from = { bytes: Uint8Array.of(0, 127, 0x80, 1, 0xff, 0xff, 0xff, 0xff, 0x0f), at: 0 }
  expect([readVarint(from), readVarint(from), readVarint(from), readVarint(from)]).toEqual([
    0,
    127,
    128,
    2 ** 32 - 1
  ])
})
