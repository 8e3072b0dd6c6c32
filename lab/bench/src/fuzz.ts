/**
 * Fuzzes both codecs with random bytes and mutated valid frames: each must decode a message, or throw MALFORMED_MESSAGE or
 * UNKNOWN_MESSAGE, within {@link LONGEST_DECODE_MS}, without growth of the heap.
 * `npm run lab -- fuzz [--frames=1000000] [--seed=1] [--json]`
 */

import { pathToFileURL } from 'node:url'
import { Command, InvalidArgumentError } from '@commander-js/extra-typings'
import { binaryCodec } from '@rumormill/codec-binary'
import { jsonCodec } from '@rumormill/codec-json'
import { liveBytes } from '@rumormill/harness/process-usage'
import { pick } from '@rumormill/protocol/engine'
import { createRng, toGossipError, type Codec, type Rng } from '@rumormill/protocol/plugin'
import { edgeMessages, mutate, randomBytes, randomMessage } from '@rumormill/testkit'

/** The result of one kind of frames with one codec. */
export interface FuzzTotals {
  readonly codec: string
  readonly frames: 'random' | 'mutated'
  readonly seed: number
  readonly tried: number
  readonly decoded: number
  readonly refused: number
  readonly longestMs: number
  readonly heapGrowthMiB: number
}

/** A failure, with the frame that caused it. */
export class FuzzFailure extends Error {
  override readonly name = 'FuzzFailure'
}

const LONGEST_DECODE_MS = 50
const LARGEST_HEAP_GROWTH_MIB = 10
const MIB = 1024 * 1024

/** Tests `count` frames. Throws a {@link FuzzFailure} with seed and frame at the first failure. */
export function fuzz(
  codec: Codec,
  frames: 'random' | 'mutated',
  count: number,
  seed: number,
  progress: (tried: number) => void
): FuzzTotals {
  const rng = createRng(seed)
  const random = (): Uint8Array =>
    codec.name === 'json' && rng.below(2) === 0 ? randomText(rng) : randomFrame(rng)
  const next = frames === 'random' ? random : mutatedFrames(codec, rng)
  const where = `codec ${codec.name}, ${frames} frames, seed ${seed}`
  const heapBefore = liveBytes()
  let decoded = 0
  let longestMs = 0
  for (let tried = 0; tried < count; tried++) {
    if (tried % 100_000 === 0 && tried > 0) progress(tried)
    const frame = next()
    const startMs = performance.now()
    if (isDecoded(codec, frame, where)) decoded++
    const tookMs = performance.now() - startMs
    longestMs = Math.max(
      longestMs,
      tookMs > LONGEST_DECODE_MS ? retime(codec, frame, where) : tookMs
    )
  }
  const heapGrowthMiB = (liveBytes() - heapBefore) / MIB
  if (heapGrowthMiB > LARGEST_HEAP_GROWTH_MIB)
    throw new FuzzFailure(`${where}: heap grew by ${heapGrowthMiB} MiB`)
  return {
    codec: codec.name,
    frames,
    seed,
    tried: count,
    decoded,
    refused: count - decoded,
    longestMs,
    heapGrowthMiB
  }
}

/** Returns whether `frame` is decoded. The message must then be encodable; a refusal must have one of the two codes. */
function isDecoded(codec: Codec, frame: Uint8Array, where: string): boolean {
  try {
    const message = codec.decode(frame)
    try {
      codec.encode(message)
    } catch (error) {
      throw failure(where, frame, `decoded to what encode refuses: ${String(error)}`)
    }
    return true
  } catch (error) {
    if (error instanceof FuzzFailure) throw error
    const { code } = toGossipError(error, 'TRANSPORT_FAILED', '')
    if (code === 'MALFORMED_MESSAGE' || code === 'UNKNOWN_MESSAGE') return false
    throw failure(where, frame, `decode threw ${String(error)}`)
  }
}

/** Decodes a slow frame again, because the first time may have been slowed by the machine. */
function retime(codec: Codec, frame: Uint8Array, where: string): number {
  const timesMs = [1, 2, 3].map(() => {
    const startMs = performance.now()
    isDecoded(codec, frame, where)
    return performance.now() - startMs
  })
  const bestMs = Math.min(...timesMs)
  if (bestMs > LONGEST_DECODE_MS) throw failure(where, frame, `decode took ${bestMs.toFixed(0)} ms`)
  return bestMs
}

function failure(where: string, frame: Uint8Array, what: string): FuzzFailure {
  return new FuzzFailure(`${where}: ${what}\nframe: ${Buffer.from(frame).toString('hex')}`)
}

/** Returns random bytes, mostly few; half of them begin like a message, so that decoding goes beyond the first byte. */
function randomFrame(rng: Rng): Uint8Array {
  const frame = randomBytes(rng, rng.below(rng.below(16) === 0 ? 1024 : 64))
  if (frame.length > 1 && rng.below(2) === 0) {
    frame[0] = 0x10 + rng.below(8)
    frame[1] = rng.below(4)
  }
  return frame
}

const TOKENS = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '\\',
  ' ',
  '0',
  '1',
  '-1',
  '1e999',
  'null',
  'true',
  '{}',
  '[]',
  '"v":1',
  '"kind"',
  '"view"',
  '"view-request"',
  '"content-response"',
  '"contents":[',
  '"AQ=="',
  '"address":"h"',
  '"age":1',
  '"__proto__"',
  '"\\ud800"'
]

/** Returns pieces of JSON in random order; half of them after the beginning of a message. */
function randomText(rng: Rng): Uint8Array {
  const tokens = Array.from({ length: rng.below(24) }, () => pick(TOKENS, rng))
  return Buffer.from(
    (rng.below(2) === 0 ? '{"v":1,"kind":"view-request","view":[' : '') + tokens.join('')
  )
}

/** Returns a function that makes one to three mutations of a random valid frame. */
function mutatedFrames(codec: Codec, rng: Rng): () => Uint8Array {
  const random = Array.from({ length: 2000 }, () => randomMessage(rng))
  const valid = [...edgeMessages(), ...random].map((message) =>
    Uint8Array.from(codec.encode(message))
  )
  return () => {
    let frame: Uint8Array = valid[rng.below(valid.length)]!
    for (let changes = 1 + rng.below(3); changes > 0; changes--) frame = mutate(frame, rng)
    return frame
  }
}

function main(): void {
  const {
    frames: count,
    seed,
    json = false
  } = new Command('npm run lab -- fuzz')
    .description('Fuzzes both codecs with random and mutated frames.')
    .option('--frames <number>', 'number of frames of each kind', integer, 1_000_000)
    .option('--seed <number>', 'seed of all frames', integer, 1)
    .option('--json', 'print one JSON object per line')
    .parse()
    .opts()
  for (const codec of [binaryCodec(), jsonCodec()]) {
    for (const frames of ['random', 'mutated'] as const) {
      const totals = fuzz(codec, frames, count, seed, (tried) => {
        process.stderr.write(`${codec.name}, ${frames}: ${tried} of ${count}\n`)
      })
      const { tried, decoded, refused, longestMs, heapGrowthMiB } = totals
      console.log(
        json
          ? JSON.stringify({ benchmark: 'fuzz', ...totals })
          : `codec ${codec.name}, seed ${seed}: ${tried} ${frames} frames, ${decoded} decoded, ${refused} refused, ` +
              `longest ${longestMs.toFixed(1)} ms, heap ${heapGrowthMiB >= 0 ? '+' : ''}${heapGrowthMiB.toFixed(1)} MiB`
      )
    }
  }
}

function integer(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('Give an integer, 1 or more.')
  return Number(text)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  try {
    main()
  } catch (error) {
    if (!(error instanceof FuzzFailure)) throw error
    console.error(error.message)
    process.exitCode = 1
  }
}
