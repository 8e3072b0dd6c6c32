/**
 * Throws random bytes, and valid frames with something wrong, at both codecs: each must give a message or
 * MALFORMED_MESSAGE, or UNKNOWN_MESSAGE, within {@link LONGEST_DECODE_MS}, and leave the heap as it was.
 * `node benchmarks/dist/fuzz.js [--frames=1000000] [--seed=1] [--json]`
 */

import { pathToFileURL } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { Command, InvalidArgumentError } from '@commander-js/extra-typings'
import { binaryCodec } from '@rumormill/codec-binary'
import { jsonCodec } from '@rumormill/codec-json'
import { createRng, pick, toGossipError, type Codec, type Rng } from '@rumormill/protocol'
import { edgeMessages, mutate, randomBytes, randomMessage } from '@rumormill/testkit'

/** What a run of one kind of frames against one codec came to. */
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

/** A frame that showed a fault of a codec. */
export class FuzzFailure extends Error {
  override readonly name = 'FuzzFailure'
}

const LONGEST_DECODE_MS = 50
const LARGEST_HEAP_GROWTH_MIB = 10
const MIB = 1024 * 1024

/** Tries `count` frames; throws a {@link FuzzFailure} that holds seed and frame at the first fault. */
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

/** Whether `frame` is a message, which must then survive being sent on; refusals must be of the two kinds. */
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

/** A slow frame is tried again: a machine that paused is not at fault forever, a frame is. */
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

/** Mostly short bytes; half of them begin like a message, or little would get past the first byte. */
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

/** Pieces of JSON in any order; half of them behind the beginning of a message. */
function randomText(rng: Rng): Uint8Array {
  const tokens = Array.from({ length: rng.below(24) }, () => pick(TOKENS, rng))
  return Buffer.from(
    (rng.below(2) === 0 ? '{"v":1,"kind":"view-request","view":[' : '') + tokens.join('')
  )
}

/** One to three things wrong with one of many valid frames. */
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

/** What is alive after a full collection: objects and the memory of buffers. */
function liveBytes(): number {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  return heapUsed + arrayBuffers
}

function main(): void {
  const {
    frames: count,
    seed,
    json = false
  } = new Command('npm run lab -- fuzz')
    .description(
      'Gives both codecs frames of chance and damaged messages, and looks at what they do with them.'
    )
    .option('--frames <number>', 'how many of each kind', integer, 1_000_000)
    .option('--seed <number>', 'decides them all', integer, 1)
    .option('--json', 'one object per line')
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
