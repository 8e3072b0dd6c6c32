import { digestOf } from '@rumormill/protocol'
import { encode } from 'cborg'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { contentMap } from '../src/content-map.ts'

const byCborg = (contents: readonly Uint8Array[]): Uint8Array =>
  encode(new Map(contents.map((content) => [digestOf(content), Array.from(content)])), {
    mapSorter: () => 0
  })

it('encodes as cborg does', () => {
  const contents = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 30 })
  fc.assert(
    fc.property(contents, (each) => {
      expect(Buffer.compare(contentMap(each), byCborg(each))).toBe(0)
    })
  )
})

it.each([0, 23, 24, 255, 256, 65_535, 65_536, 70_000])('%i bytes', (length) => {
  const content = Uint8Array.from({ length }, (_, index) => index)
  // Not `toEqual`, which is slow on arrays of this length.
  expect(Buffer.compare(contentMap([content]), byCborg([content]))).toBe(0)
})

it('a repeated content is one entry', () => {
  expect(contentMap([Uint8Array.of(1), Uint8Array.of(1)])).toEqual(contentMap([Uint8Array.of(1)]))
})
