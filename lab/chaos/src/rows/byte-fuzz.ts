/** Row 15: random bytes, and mutated valid frames, for every codec. */

import { binaryCodec } from '@rumormill/codec-binary'
import { jsonCodec } from '@rumormill/codec-json'
import { amount, duration } from '@rumormill/harness/figure'
import { createRng, type Codec, type GossipError } from '@rumormill/protocol/plugin'
import { edgeMessages, mutate, randomBytes, randomMessage } from '@rumormill/testkit'
import type { Row, RowOptions, RowResult } from '../row.ts'

/** A slow frame counts only if it is slow twice: the first time may be a pause of the machine. */
const MAX_FRAME_MS = 50

/** The error codes that a codec may throw for invalid bytes. */
const REFUSALS = ['MALFORMED_MESSAGE', 'UNKNOWN_MESSAGE']

export const byteFuzz: Row = { number: 15, name: 'random and mutated frames', mode: 'L', run }

function run({ seed, short }: RowOptions): RowResult {
  const frames = short ? 20_000 : 1_000_000
  const complaints: string[] = []
  let [refused, taken, slowestMs] = [0, 0, 0]
  for (const codec of [binaryCodec(), jsonCodec()]) {
    const rng = createRng(seed)
    const edges = edgeMessages().map((message) => codec.encode(message))
    const next: readonly (() => Uint8Array)[] = [
      () => randomBytes(rng, rng.below(200)),
      () =>
        mutate(
          rng.below(4) === 0 ? edges[rng.below(edges.length)]! : codec.encode(randomMessage(rng)),
          rng
        )
    ]
    for (const make of next) {
      for (let frame = 0; frame < frames && complaints.length < 10; frame++) {
        const bytes = make()
        const { ms, outcome } = decode(codec, bytes)
        if (outcome === 'taken') taken++
        else if (REFUSALS.includes(outcome)) refused++
        else
          complaints.push(
            `${codec.name} threw ${outcome} for ${Buffer.from(bytes).toString('hex').slice(0, 200)}`
          )
        slowestMs = Math.max(slowestMs, ms)
        if (ms > MAX_FRAME_MS && decode(codec, bytes).ms > MAX_FRAME_MS)
          complaints.push(`${codec.name} took ${ms.toFixed(0)} ms for a frame`)
      }
    }
  }
  if (taken === 0) complaints.push('no mutated frame was valid, so the fuzzer does not test enough')
  return {
    load: `${frames} random and ${frames} mutated frames for each of 2 codecs`,
    faults: 'none',
    badInputs: refused,
    lost: 0,
    duplicates: 0,
    figures: [
      amount('refused', refused),
      amount('still valid', taken),
      duration('slowest', slowestMs, { limit: MAX_FRAME_MS })
    ],
    complaints
  }
}

function decode(codec: Codec, bytes: Uint8Array): { ms: number; outcome: string } {
  const startMs = performance.now()
  let outcome = 'taken'
  try {
    codec.decode(bytes)
  } catch (error) {
    outcome = (error as GossipError).code ?? String(error)
  }
  return { ms: performance.now() - startMs, outcome }
}
