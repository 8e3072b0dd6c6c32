import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { symbolBytes } from '../../../src/anti-entropy/iblt/coded-symbols.ts'
import { difference } from '../../../src/anti-entropy/iblt/difference.ts'
import { ShortIds, type ShortIdBytes } from '../../../src/anti-entropy/iblt/short-id.ts'
import {
  countSymbols,
  fingerprintOf,
  FINGERPRINT_SYMBOLS,
  Sketch
} from '../../../src/anti-entropy/iblt/sketch.ts'
import { createRng, type Rng } from '../../../src/model/random.ts'
import { blake3Hash } from '../../../src/model/update.ts'

interface SketchVector {
  readonly label: string
  readonly shortIdBytes: ShortIdBytes
  readonly digests: readonly string[]
  readonly ids: readonly string[]
  readonly symbols: string
  readonly fingerprint: string
}

const { sketches: vectors } = JSON.parse(
  readFileSync(new URL('../../../../../docs/wire-vectors.json', import.meta.url), 'utf8')
) as { sketches: readonly SketchVector[] }

const toHex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
const fromHex = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))

const SALT = new Uint8Array(16).fill(7)
const WIDTHS: readonly ShortIdBytes[] = [8, 16]

const bytesOf = (rng: Rng, length: number): Uint8Array =>
  Uint8Array.from({ length }, () => rng.below(256))
const digestsOf = (rng: Rng, count: number): Uint8Array[] =>
  Array.from({ length: count }, () => bytesOf(rng, 32))

function sketchOf(digests: readonly Uint8Array[], ids: ShortIds, symbols = 4096): Sketch {
  const sketch = new Sketch(ids, symbols)
  for (const digest of digests) sketch.insert(digest)
  return sketch
}

function keysOf(digests: readonly Uint8Array[], ids: ShortIds): string[] {
  return digests.map((digest) => ids.keyOf(ids.ofDigest(digest, 0))).toSorted()
}

function keysIn(block: Uint8Array, ids: ShortIds): string[] {
  return Array.from({ length: block.length / ids.bytes }, (_, index) =>
    ids.keyAt(block, index * ids.bytes)
  ).toSorted()
}

const between = (mine: Sketch, theirs: Sketch, symbols: number): Uint8Array | undefined =>
  difference(mine.copy(symbols), theirs.write(0, symbols), mine.ids)

describe.each(WIDTHS)('with short ids of %i bytes, the difference', (width) => {
  const ids = new ShortIds(width, SALT)

  it('is that of the sets, whatever was added and removed before', () => {
    const pool = digestsOf(createRng(1), 60)
    const steps = fc.array(fc.record({ digest: fc.nat(59), mine: fc.boolean() }), {
      maxLength: 300
    })
    fc.assert(
      fc.property(steps, (list) => {
        const sets = [new Set<number>(), new Set<number>()] as const
        const sketches = [new Sketch(ids, 256), new Sketch(ids, 256)] as const
        for (const { digest, mine } of list) {
          const side = mine ? 0 : 1
          if (sets[side].delete(digest)) sketches[side].remove(pool[digest]!)
          else {
            sets[side].add(digest)
            sketches[side].insert(pool[digest]!)
          }
        }
        const dumb = pool.filter((_, digest) => sets[0].has(digest) !== sets[1].has(digest))
        expect(keysIn(between(sketches[0], sketches[1], 256)!, ids)).toEqual(keysOf(dumb, ids))
        expect([sketches[0].count, sketches[1].count]).toEqual([sets[0].size, sets[1].size])
      })
    )
  })

  it.each([0, 1, 2, 10, 100, 1000, 2500])(
    'of %i among thousands is found in symbols in proportion',
    (differences) => {
      const rng = createRng(differences + 1)
      const common = digestsOf(rng, 3000)
      const extra = digestsOf(rng, differences)
      const half = Math.floor(differences / 3)
      const mine = sketchOf([...common, ...extra.slice(0, half)], ids)
      const theirs = sketchOf([...extra.slice(half), ...common], ids)
      const found = between(mine, theirs, Math.ceil(1.5 * differences) + 24)
      expect(keysIn(found!, ids)).toEqual(keysOf(extra, ids))
    }
  )

  it('is not guessed from too few symbols, and found with more symbols', () => {
    const rng = createRng(5)
    for (let trial = 0; trial < 20; trial++) {
      const mine = sketchOf(digestsOf(rng, 50), ids)
      const theirs = sketchOf(digestsOf(rng, 50), ids)
      expect(between(mine, theirs, 64)).toBeUndefined()
      const symbols = new Uint8Array([...theirs.write(0, 64), ...theirs.write(64, 192)])
      expect(difference(mine.copy(256), symbols, ids)).toHaveLength(100 * width)
    }
  })

  it('of hostile symbols is nothing, or as many ids as symbols, in bounded time', () => {
    const mine = sketchOf(digestsOf(createRng(3), 100), ids)
    const symbols = fc
      .integer({ min: 1, max: 300 })
      .chain((count) =>
        fc.uint8Array({ minLength: count * symbolBytes(ids), maxLength: count * symbolBytes(ids) })
      )
    fc.assert(
      fc.property(symbols, (theirs) => {
        const count = countSymbols(theirs, ids)!
        const found = difference(mine.copy(count), theirs, ids)
        expect((found?.length ?? 0) / width).toBeLessThanOrEqual(count)
      })
    )
  })

  it('of symbols that are all pure, with one id again and again, terminates', () => {
    const one = sketchOf(digestsOf(createRng(4), 1), ids).write(0, 1)
    const theirs = new Uint8Array(4096 * one.length)
    for (let at = 0; at < theirs.length; at += one.length) theirs.set(one, at)
    const mine = new Sketch(ids, 4096).copy(4096)
    const pureAt = mine.pureAt.bind(mine)
    let looks = 0
    mine.pureAt = (...symbol) => {
      looks++
      return pureAt(...symbol)
    }
    const found = difference(mine, theirs, ids)
    expect((found?.length ?? 0) / width).toBeLessThanOrEqual(4096)
    expect(looks).toBeLessThan(50 * 4096)
  })

  it('of symbols forged to be slow, where each pass finds one id, is given up', () => {
    const mine = sketchOf(digestsOf(createRng(4), 300), ids).copy(300)
    let looks = 0
    mine.pureAt = () => (++looks % 300 === 0 ? ids.ofKey('abcdefgh') : undefined)
    expect(difference(mine, new Uint8Array(300 * symbolBytes(ids)), ids)).toBeUndefined()
    expect(looks).toBeLessThan(50 * 300)
  })

  it('of other salts is not found, because short ids differ between groups', () => {
    const digests = digestsOf(createRng(6), 500)
    const elsewhere = new ShortIds(width, new Uint8Array(16).fill(8))
    expect(keysOf(digests, elsewhere)).not.toEqual(keysOf(digests, ids))
    expect(between(sketchOf(digests, ids), sketchOf(digests, elsewhere), 512)).toBeUndefined()
  })
})

describe('a fingerprint', () => {
  const ids = new ShortIds(8, SALT)
  const of = (sketch: Sketch): string =>
    fingerprintOf(sketch.count, sketch.copy(FINGERPRINT_SYMBOLS), blake3Hash).join()

  it('is that of the set: the same in any order, another after any change', () => {
    const digests = digestsOf(createRng(9), 200)
    const sketch = sketchOf(digests, ids)
    const before = of(sketch)
    expect(before.split(',')).toHaveLength(16)
    expect(of(sketchOf(digests.toReversed(), ids, FINGERPRINT_SYMBOLS))).toBe(before)
    for (const digest of digests) {
      sketch.remove(digest)
      expect(of(sketch)).not.toBe(before)
      sketch.insert(digest)
    }
    expect(of(sketch)).toBe(before)
  })

  it('differs even if two digests with the same short id cancel out in the symbols', () => {
    const digests = digestsOf(createRng(10), 20)
    const sketch = sketchOf(digests, ids)
    const before = of(sketch)
    // As if an attacker had found two digests with one short id.
    sketch.insert(digests[0]!)
    sketch.insert(digests[0]!)
    expect(keysIn(between(sketch, sketchOf(digests, ids), 64)!, ids)).toEqual([])
    expect(of(sketch)).not.toBe(before)
  })
})

describe('symbols', () => {
  it('after the last one are empty', () => {
    const sketch = new Sketch(new ShortIds(8, SALT), 128)
    expect(sketch.write(120, 20)).toHaveLength(8 * 12)
    expect(sketch.write(4000, 20)).toHaveLength(0)
  })

  it.each(vectors)(
    'of the vectors of docs/wire.md, with short ids of $shortIdBytes bytes, are as they stand there',
    (vector) => {
      const ofLabel = new ShortIds(
        vector.shortIdBytes,
        blake3Hash(new TextEncoder().encode(vector.label))
      )
      const sketch = new Sketch(ofLabel, FINGERPRINT_SYMBOLS)
      const made = vector.digests.map((digest) => {
        const id = new Uint8Array(vector.shortIdBytes)
        ofLabel.write(sketch.insert(fromHex(digest)), id, 0)
        return toHex(id)
      })
      expect(made).toEqual(vector.ids)
      expect(toHex(sketch.write(0, fromHex(vector.symbols).length / symbolBytes(ofLabel)))).toBe(
        vector.symbols
      )
      expect(toHex(fingerprintOf(sketch.count, sketch.copy(FINGERPRINT_SYMBOLS), blake3Hash))).toBe(
        vector.fingerprint
      )
    }
  )
})
