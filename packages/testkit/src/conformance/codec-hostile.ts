/** The cases about hostile frames: any bytes are decoded to a valid message or refused, without side effects. */

import { createRng, type Codec } from '@rumormill/protocol/plugin'
import { mutate, randomBytes } from '../message-samples.ts'
import type { ConformanceCase } from './case.ts'
import { check, checkRefused, decodeSafely, encoded, equalMessages, show } from './checks.ts'
import { edges, randomMessages, type CodecTrial } from './codec-trial.ts'

/** The most flipped bits per frame; longer frames are sampled, so that all of them together take about a second. */
const MOST_FLIPS = 4000

/** Generous for a busy machine, but still detects times that grow faster than the frame. */
const LONGEST_DECODE_MS = 1000

/** Returns the cases about frames that no correct peer sends. */
export function hostileCases(trial: CodecTrial): readonly ConformanceCase[] {
  const { create } = trial
  return [
    { name: 'survives every truncation', run: () => survivesTruncation(trial) },
    { name: 'survives every flipped bit', run: () => survivesFlips(trial) },
    { name: 'survives mutated frames', run: () => survivesMutation(trial) },
    { name: 'survives random bytes', run: () => survivesRandomBytes(trial) },
    {
      name: 'refuses bytes after the end, or skips them',
      run: () => skipsAppended(trial)
    },
    { name: 'refuses what is not bytes', run: () => refusesNonBytes(create()) },
    { name: 'leaves Object.prototype alone', run: () => leavesPrototypeAlone(trial) },
    { name: 'answers a megabyte of nonsense within a second', run: () => answersQuickly(create()) }
  ]
}

function frames(trial: CodecTrial, codec: Codec): readonly Uint8Array[] {
  return edges(trial).map((message) => Uint8Array.from(encoded(codec, message)))
}

function survivesTruncation(trial: CodecTrial): void {
  const codec = trial.create()
  for (const frame of frames(trial, codec)) {
    for (let length = 0; length < frame.length; length++) {
      decodeAndEncode(codec, frame.slice(0, length), `the first ${length} bytes of a frame`)
    }
  }
}

function survivesFlips(trial: CodecTrial): void {
  const codec = trial.create()
  for (const frame of frames(trial, codec)) {
    const bits = frame.length * 8
    const step = Math.max(1, Math.floor(bits / MOST_FLIPS))
    for (let bit = 0; bit < bits; bit += step) {
      const flipped = Uint8Array.from(frame)
      flipped[bit >> 3]! ^= 1 << (bit & 7)
      decodeAndEncode(codec, flipped, `a frame with bit ${bit} flipped`)
    }
  }
}

function survivesMutation(trial: CodecTrial): void {
  const codec = trial.create()
  const rng = createRng(trial.options.seed)
  for (const message of randomMessages(trial)) {
    const frame = Uint8Array.from(encoded(codec, message))
    for (let repeat = 0; repeat < 10; repeat++) {
      decodeAndEncode(codec, mutate(frame, rng), `a mutated frame (seed ${trial.options.seed})`)
    }
  }
}

function survivesRandomBytes(trial: CodecTrial): void {
  const codec = trial.create()
  const { seed, rounds } = trial.options
  const rng = createRng(seed)
  for (let round = 0; round < rounds * 10; round++) {
    decodeAndEncode(codec, randomBytes(rng, rng.below(64)), `random bytes (seed ${seed})`)
  }
}

/** Checks that a decoded message can be encoded again. */
function decodeAndEncode(codec: Codec, frame: Uint8Array, origin: string): void {
  const message = decodeSafely(codec, frame, origin)
  if (message === undefined) return
  try {
    codec.decode(codec.encode(message))
  } catch (error) {
    throw new Error(`what decode made of ${origin} cannot be sent: ${show(frame)}`, {
      cause: error
    })
  }
}

/** Appended bytes may be fields of a later version. They must not change the decoded message. */
function skipsAppended(trial: CodecTrial): void {
  const codec = trial.create()
  for (const original of edges(trial)) {
    const frame = encoded(codec, original)
    for (const appended of [[0], [1], [0x7f], [0xff], [0, 0, 0], [...frame]]) {
      const longer = Uint8Array.from([...frame, ...appended])
      const message = decodeSafely(codec, longer, `${appended.length} bytes after a message`)
      check(
        message === undefined || equalMessages(message, original),
        `${appended.length} more bytes changed a ${original.kind}`
      )
    }
  }
}

function refusesNonBytes(codec: Codec): void {
  for (const value of [undefined, null, 'text', 7, [], {}]) {
    checkRefused(() => codec.decode(value as never), `decode of ${JSON.stringify(value)}`)
  }
}

function leavesPrototypeAlone(trial: CodecTrial): void {
  const codec = trial.create()
  const before = Reflect.ownKeys(Object.prototype).join()
  const utf8 = new TextEncoder()
  const texts = [
    '{"__proto__":{"polluted":true}}',
    '{"constructor":{"prototype":{"polluted":true}}}',
    '{"v":1,"kind":"view-request","view":[{"address":"h:1","age":0,"__proto__":{"polluted":true}}]}',
    '{"v":1,"kind":"view-request","view":[],"__proto__":{"polluted":true}}',
    '{"v":1,"kind":"__proto__","view":[]}'
  ]
  for (const text of texts) decodeSafely(codec, utf8.encode(text), text)
  for (const frame of frames(trial, codec)) decodeSafely(codec, frame, 'a valid frame')
  check(
    Reflect.ownKeys(Object.prototype).join() === before,
    'Object.prototype has other keys than before'
  )
  check(!('polluted' in {}), 'Object.prototype was polluted')
}

function answersQuickly(codec: Codec): void {
  const megabyte = 1_048_576
  const utf8 = new TextEncoder()
  const bombs: readonly [string, Uint8Array][] = [
    ['zeros', new Uint8Array(megabyte)],
    ['ones', new Uint8Array(megabyte).fill(0xff)],
    ['a nest of lists', utf8.encode('['.repeat(megabyte))],
    ['a nest of objects', utf8.encode('{"a":'.repeat(megabyte / 5))],
    ['empty lists', utf8.encode(`[${'[],'.repeat(megabyte / 3 - 2)}[]]`)],
    ['digits', utf8.encode('9'.repeat(megabyte))]
  ]
  for (const [what, bomb] of bombs) {
    const startMs = performance.now()
    decodeSafely(codec, bomb, what)
    const tookMs = performance.now() - startMs
    check(
      tookMs < LONGEST_DECODE_MS,
      `decode of a megabyte of ${what} took ${Math.round(tookMs)} ms`
    )
  }
}
