import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { FrameCutter } from '../src/framing.ts'
import { packFrames } from '../src/packing.ts'
import { PartialBudget } from '../src/partial-budget.ts'

const limits = { firstFrameBytes: 2 ** 20, frameBytes: 2 ** 20 }
const roomy = (): PartialBudget => new PartialBudget(2 ** 30)

/** Mostly small frames, some around the sizes at which packing and cutting change their ways. */
const frame = fc.oneof(
  { weight: 5, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 600 }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(16_380, 16_384, 32_767, 32_768, 65_536, 200_000), fc.nat(255))
      .map(([length, fill]) => new Uint8Array(length).map((_, index) => fill + index))
  }
)
const frames = fc.array(frame, { minLength: 1, maxLength: 30 })
const cuts = fc.array(
  fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 80_000 })),
  { minLength: 1, maxLength: 40 }
)

function stream(list: readonly Uint8Array[]): Buffer {
  return Buffer.concat(packFrames(list))
}

/** `bytes` in chunks of the lengths in `lengths`, over and over. */
function* chunksOf(bytes: Buffer, lengths: readonly number[]): Generator<Uint8Array> {
  for (let at = 0, n = 0; at < bytes.length; n++) {
    const end = Math.min(bytes.length, at + lengths[n % lengths.length]!)
    yield bytes.subarray(at, end)
    at = end
  }
}

function header(length: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(length)
  return bytes
}

describe('framing', () => {
  test('any chunking gives the same frames', () => {
    fc.assert(
      fc.property(frames, cuts, (list, lengths) => {
        const budget = roomy()
        const cutter = new FrameCutter(limits, budget)
        const found: Uint8Array[] = []
        for (const chunk of chunksOf(stream(list), lengths)) found.push(...cutter.cut(chunk))
        expect(found.length).toBe(list.length)
        expect(found.every((bytes, index) => Buffer.compare(bytes, list[index]!) === 0)).toBe(true)
        expect(found.every((bytes) => Object.getPrototypeOf(bytes) === Uint8Array.prototype)).toBe(
          true
        )
        expect([cutter.partial, cutter.failure, budget.bytes]).toEqual([false, undefined, 0])
      }),
      { numRuns: 200 }
    )
  })

  test('frames before a wrong one are still found, whatever the chunking', () => {
    fc.assert(
      fc.property(
        frames,
        cuts,
        fc.constantFrom(0, 2 ** 20 + 1, 2 ** 32 - 1),
        (list, lengths, wrong) => {
          const budget = roomy()
          const cutter = new FrameCutter(limits, budget)
          let found = 0
          const bytes = Buffer.concat([stream(list), header(wrong), Buffer.alloc(100, 1)])
          for (const chunk of chunksOf(bytes, lengths)) found += cutter.cut(chunk).length
          expect(found).toBe(list.length)
          expect(cutter.failure?.code).toBe(wrong === 0 ? 'MALFORMED_MESSAGE' : 'MESSAGE_TOO_LARGE')
          expect(budget.bytes).toBe(0)
        }
      ),
      { numRuns: 100 }
    )
  })

  test('the limit is inclusive, and the first frame has its own', () => {
    const cutter = new FrameCutter({ firstFrameBytes: 10, frameBytes: 20 }, roomy())
    expect(cutter.cut(stream([new Uint8Array(10), new Uint8Array(20)])).length).toBe(2)
    const other = new FrameCutter({ firstFrameBytes: 10, frameBytes: 20 }, roomy())
    other.cut(stream([new Uint8Array(11)]))
    expect(other.failure?.code).toBe('MESSAGE_TOO_LARGE')
  })

  test('an announced length takes no room: only what has arrived does', () => {
    const budget = roomy()
    const cutter = new FrameCutter({ firstFrameBytes: 2 ** 30, frameBytes: 2 ** 30 }, budget)
    cutter.cut(header(2 ** 30))
    expect(budget.bytes).toBeLessThanOrEqual(65_536)
    for (let sent = 0; sent < 100_000; sent++) cutter.cut(Buffer.alloc(1))
    expect(budget.bytes).toBeLessThanOrEqual(2 * 65_536)
  })

  test('when the room for parts is used up, the frame begun first pays', () => {
    const budget = new PartialBudget(100_000)
    const [first, second] = [new FrameCutter(limits, budget), new FrameCutter(limits, budget)]
    first.cut(Buffer.concat([header(90_000), Buffer.alloc(60_000)]))
    second.cut(Buffer.concat([header(90_000), Buffer.alloc(60_000)]))
    expect([first.failure?.code, first.partial]).toEqual(['OVERLOADED', false])
    expect([second.failure, second.partial]).toEqual([undefined, true])
    expect(second.cut(Buffer.alloc(30_000)).length).toBe(1)
    expect(budget.bytes).toBe(0)
  })
})

describe('packing', () => {
  test('small frames leave in one piece, large ones are not copied', () => {
    expect(packFrames([new Uint8Array(10), new Uint8Array(100)]).length).toBe(1)
    const large = new Uint8Array(100_000)
    const pieces = packFrames([new Uint8Array(10), large, new Uint8Array(10)])
    expect(pieces.length).toBe(3)
    expect(pieces[1]).toBe(large)
    expect(packFrames([large, large]).map((piece) => piece.length)).toEqual([
      4, 100_000, 4, 100_000
    ])
  })
})
