import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ByteBudget } from '../src/byte-budget.ts'
import { FRAME_KIND, goodbyeFrame, pingFrame, pongFrame, type OutFrame } from '../src/frame.ts'
import { packFrames } from '../src/pack-frames.ts'
import { StreamReader } from '../src/stream-reader.ts'

const sizes = { helloBytes: 1000, messageBytes: 2 ** 20 }
const roomy = (): ByteBudget => new ByteBudget(2 ** 30)
const hello = Uint8Array.of(1)

interface Heard {
  readonly reader: StreamReader
  readonly budget: ByteBudget
  readonly messages: Uint8Array[]
  readonly control: unknown[]
  read(chunk: Uint8Array, nowMs?: number): void
}

function readerOf(limits: typeof sizes = sizes, budget: ByteBudget = roomy()): Heard {
  const messages: Uint8Array[] = []
  const control: unknown[] = []
  const reader = new StreamReader(limits, budget, {
    ping: (number) => control.push(['ping', number]),
    pong: (number, receivedBytes) => control.push(['pong', number, receivedBytes]),
    goodbye: (reason) => control.push(['goodbye', reason])
  })
  const read = (chunk: Uint8Array, nowMs = 1): unknown =>
    messages.push(...reader.read(chunk, nowMs))
  return { reader, budget, messages, control, read }
}

/** Mostly small messages, some around the sizes at which packing and cutting change their ways. */
const message = fc.oneof(
  { weight: 5, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 600 }) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(16_380, 16_384, 32_767, 32_768, 65_536, 200_000), fc.nat(255))
      .map(([length, fill]) => new Uint8Array(length).map((_, index) => fill + index))
  }
)
const messages = fc.array(message, { minLength: 1, maxLength: 30 })
const partBytes = fc.constantFrom(512, 5000, 65_536)
const cuts = fc.array(
  fc.oneof(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 80_000 })),
  { minLength: 1, maxLength: 40 }
)

/** A message in parts with control frames between them, or whole. */
function framesOf(content: Uint8Array, most: number): OutFrame[] {
  if (content.length <= most) return [content]
  const frames: OutFrame[] = []
  for (let at = 0; at < content.length; at += most) {
    const body = content.subarray(at, at + most)
    const isLast = at + most >= content.length
    frames.push({ kind: isLast ? FRAME_KIND.lastPart : FRAME_KIND.part, body }, pingFrame(at))
  }
  return frames
}

function stream(list: readonly Uint8Array[], most = 65_536): Buffer {
  return Buffer.concat(packFrames([hello, ...list.flatMap((each) => framesOf(each, most))]))
}

/** `bytes` in chunks of the lengths in `lengths`, over and over. */
function* chunksOf(bytes: Buffer, lengths: readonly number[]): Generator<Uint8Array> {
  for (let at = 0, n = 0; at < bytes.length; n++) {
    const end = Math.min(bytes.length, at + lengths[n % lengths.length]!)
    yield bytes.subarray(at, end)
    at = end
  }
}

function header(kind: number, bodyBytes: number): Buffer {
  return Buffer.of(kind, bodyBytes >> 16, bodyBytes >> 8, bodyBytes)
}

describe('a stream', () => {
  test('any chunk sizes and any parts give the same messages', () => {
    fc.assert(
      fc.property(messages, partBytes, cuts, (list, most, lengths) => {
        const { reader, budget, messages: found, read } = readerOf()
        for (const chunk of chunksOf(stream(list, most), lengths)) read(chunk)
        found.shift()
        expect(found.length).toBe(list.length)
        expect(found.every((bytes, index) => Buffer.compare(bytes, list[index]!) === 0)).toBe(true)
        expect(found.every((bytes) => Object.getPrototypeOf(bytes) === Uint8Array.prototype)).toBe(
          true
        )
        expect([reader.partial, reader.failure, budget.bytes]).toEqual([false, undefined, 0])
        const bytes = list.reduce((sum, { length }) => sum + length, 0)
        expect(reader.receivedBytes).toBe(bytes)
      }),
      { numRuns: 200 }
    )
  })

  test('messages before an invalid frame are still read, with any chunk sizes', () => {
    fc.assert(
      fc.property(
        messages,
        cuts,
        fc.constantFrom(0, 65_537, 2 ** 24 - 1),
        (list, lengths, wrong) => {
          const { reader, budget, messages: found, read } = readerOf()
          const bytes = Buffer.concat([stream(list), header(0, wrong), Buffer.alloc(100, 1)])
          for (const chunk of chunksOf(bytes, lengths)) read(chunk)
          expect(found.length).toBe(list.length + 1)
          expect(reader.failure?.code).toBe(wrong === 0 ? 'MALFORMED_MESSAGE' : 'MESSAGE_TOO_LARGE')
          reader.drop()
          expect(budget.bytes).toBe(0)
        }
      ),
      { numRuns: 100 }
    )
  })

  test('the limits are inclusive, and the hello has its own', () => {
    const limits = { helloBytes: 10, messageBytes: 20 }
    const fitting = readerOf(limits)
    fitting.read(Buffer.concat(packFrames([new Uint8Array(10), new Uint8Array(20)])))
    expect(fitting.messages.length).toBe(2)
    const late = readerOf(limits)
    late.read(Buffer.concat(packFrames([new Uint8Array(11)])))
    expect(late.reader.failure?.code).toBe('MESSAGE_TOO_LARGE')
    const large = readerOf(limits)
    large.read(Buffer.concat(packFrames([hello, new Uint8Array(21)])))
    expect([large.messages.length, large.reader.failure?.code]).toEqual([1, 'MESSAGE_TOO_LARGE'])
    const parts = readerOf(limits)
    const part = { kind: FRAME_KIND.part, body: new Uint8Array(11) }
    parts.read(Buffer.concat(packFrames([hello, part, part])))
    expect([parts.reader.failure?.code, parts.budget.bytes]).toEqual(['MESSAGE_TOO_LARGE', 0])
  })

  test('control frames are separated from messages, and unknown kinds are skipped', () => {
    const { reader, messages: found, control, read } = readerOf()
    const unknown = { kind: 99, body: new Uint8Array(70) }
    const short = { kind: FRAME_KIND.pong, body: new Uint8Array(3) }
    const later = { kind: FRAME_KIND.goodbye, body: Uint8Array.of(200) }
    const said = [pingFrame(7), unknown, short, pongFrame(2 ** 32 - 1, 2 ** 40), hello]
    read(Buffer.concat(packFrames([hello, ...said, goodbyeFrame('banned'), later])))
    expect(control).toEqual([
      ['ping', 7],
      ['pong', 2 ** 32 - 1, 2 ** 40],
      ['goodbye', 'banned'],
      ['goodbye', undefined]
    ])
    expect([found.length, reader.unknownFrames, reader.failure]).toEqual([2, 2, undefined])
  })

  test.each([
    ['libp2p', Buffer.from('\x13/multistream/1.0.0\n')],
    ['TLS', Buffer.from([0x16, 3, 1, 2, 0])],
    ['HTTP', Buffer.from('GET / HTTP/1.1')],
    ['SSH', Buffer.from('SSH-2.0-x')]
  ])('a peer that speaks %s is recognized', (name, bytes) => {
    const { reader, read } = readerOf()
    read(bytes)
    expect(reader.failure?.code).toBe('MALFORMED_MESSAGE')
    expect(reader.failure?.message).toContain(`the peer speaks ${name}`)
  })

  test('an announced length holds no memory: only bytes that have arrived do', () => {
    const { budget, read } = readerOf({ helloBytes: 65_000, messageBytes: 2 ** 30 })
    read(Buffer.concat([header(0, 65_000)]))
    expect(budget.bytes).toBeLessThanOrEqual(65_536)
    const parts = readerOf({ helloBytes: 65_000, messageBytes: 2 ** 30 })
    parts.read(Buffer.concat(packFrames([hello])))
    for (let sent = 0; sent < 1000; sent++) {
      parts.read(header(FRAME_KIND.part, 100))
      for (let byte = 0; byte < 100; byte++) parts.read(Buffer.alloc(1))
    }
    expect(parts.budget.bytes).toBeLessThanOrEqual(2 * 100_000)
  })

  test('when the budget of parts is exceeded, the oldest message is evicted', () => {
    const budget = new ByteBudget(100_000)
    const [first, second] = [readerOf(sizes, budget), readerOf(sizes, budget)]
    const head = packFrames([hello, { kind: FRAME_KIND.part, body: new Uint8Array(60_000) }])
    for (const { read } of [first, second]) read(Buffer.concat(head))
    expect([first.reader.failure?.code, first.reader.partial]).toEqual(['OVERLOADED', false])
    expect([second.reader.failure, second.reader.partial]).toEqual([undefined, true])
    second.read(Buffer.concat(packFrames([{ kind: FRAME_KIND.lastPart, body: hello }])))
    expect([second.messages.length, budget.bytes]).toEqual([2, 0])
  })

  test('a message makes progress only with each KiB, not with single bytes', () => {
    const { reader, read } = readerOf()
    read(Buffer.concat([...packFrames([hello]), header(FRAME_KIND.part, 60_000)]), 1000)
    expect(reader.partialSinceMs).toBe(1000)
    for (let nowMs = 1001; nowMs < 1500; nowMs++) read(Buffer.alloc(1), nowMs)
    expect(reader.partialSinceMs).toBe(1000)
    read(Buffer.alloc(1000), 2000)
    expect(reader.partialSinceMs).toBe(2000)
  })
})

describe('packing', () => {
  test('small frames are packed into one piece, large ones are not copied', () => {
    expect(packFrames([new Uint8Array(10), new Uint8Array(100)]).length).toBe(1)
    const large = new Uint8Array(60_000)
    const pieces = packFrames([new Uint8Array(10), large, new Uint8Array(10)])
    expect(pieces.length).toBe(3)
    expect(pieces[1]).toBe(large)
    expect(packFrames([large, large]).map((piece) => piece.length)).toEqual([4, 60_000, 4, 60_000])
  })
})

test('arriving parts of a message are reported at most four times a second, but not the last one', () => {
  const told: number[] = []
  let nowMs = 0
  const reader = new StreamReader(sizes, roomy(), {
    ping: () => {},
    pong: () => {},
    goodbye: () => {},
    arriving: () => told.push(nowMs)
  })
  const say = (...frames: OutFrame[]): unknown =>
    reader.read(Buffer.concat(packFrames(frames)), nowMs)
  const body = new Uint8Array(100)
  say(hello, body)
  for (; nowMs <= 1000; nowMs += 100) say({ kind: FRAME_KIND.part, body })
  say({ kind: FRAME_KIND.lastPart, body })
  expect(told).toEqual([0, 300, 600, 900])
})
