/** Row 16: small frames that are expensive to decode, or ambiguous. */

import { binaryCodec } from '@rumormill/codec-binary'
import { jsonCodec } from '@rumormill/codec-json'
import { amount, duration } from '@rumormill/harness/figure'
import type { Codec, GossipError, Message } from '@rumormill/protocol/plugin'
import type { Row, RowResult } from '../row.ts'

const MAX_BLOCKED_MS = 60

/** The error codes that a codec may throw for invalid bytes. */
const REFUSALS = ['MALFORMED_MESSAGE', 'UNKNOWN_MESSAGE']
/** Valid messages with additional fields, as a later version may send. */
const SKIPPED = ['__proto__', 'constructor', 'more than all']

export const codecBombs: Row = { number: 16, name: 'codec bombs', mode: 'L', run }

function run(): RowResult {
  const complaints: string[] = []
  const keysBefore = Object.getOwnPropertyNames(Object.prototype).join()
  const [json, binary] = [jsonCodec(), binaryCodec()]
  const bombs: readonly (readonly [Codec, string, Uint8Array])[] = [
    ...jsonBombs(json).map(([name, text]) => [json, name, new TextEncoder().encode(text)] as const),
    ...binaryBombs(binary).map(([name, bytes]) => [binary, name, bytes] as const)
  ]
  let [refused, slowestMs] = [0, 0]
  for (const [codec, name, bytes] of bombs) {
    // The first attempt includes the time of the compiler.
    const trials = [refusal(codec, bytes), refusal(codec, bytes)]
    const ms = Math.min(...trials.map((trial) => trial.ms))
    slowestMs = Math.max(slowestMs, ms)
    const { code } = trials[0]!
    if (REFUSALS.includes(code)) refused++
    const expected = SKIPPED.includes(name) ? ['taken'] : REFUSALS
    if (!expected.includes(code)) complaints.push(`${codec.name}, ${name}: ${code}`)
    if (ms > MAX_BLOCKED_MS) complaints.push(`${codec.name}, ${name}: ${ms.toFixed(0)} ms`)
  }
  for (const codec of [json, binary]) {
    if (refusal(codec, codec.encode(SAMPLE)).code !== 'taken')
      complaints.push(`${codec.name} refused a valid message, too`)
  }
  if (Object.getOwnPropertyNames(Object.prototype).join() !== keysBefore)
    complaints.push('Object.prototype was changed')
  return {
    load: 'none',
    faults: 'none',
    badInputs: bombs.length,
    lost: 0,
    duplicates: 0,
    figures: [
      amount('refused', refused, {
        of: bombs.length,
        remark: `the additional fields of ${SKIPPED.length} are skipped`
      }),
      duration('slowest', slowestMs, { limit: MAX_BLOCKED_MS })
    ],
    complaints
  }
}

const SAMPLE: Message = { kind: 'view-request', view: [{ address: 'host:1', age: 7 }] }

/** Returns valid texts in which one part is replaced, so that only this part is wrong. */
function jsonBombs(codec: Codec): readonly (readonly [string, string])[] {
  const text = new TextDecoder().decode(codec.encode(SAMPLE))
  const age = (value: string): readonly [string, string] => [
    `age ${value}`,
    text.replace('7', value)
  ]
  const address = (name: string, value: string): readonly [string, string] => [
    name,
    text.replace('"host:1"', value)
  ]
  return [
    ['a nest of 100,000', '['.repeat(100_000)],
    ['a closed nest of 100,000', '['.repeat(100_000) + ']'.repeat(100_000)],
    ['a nest in the place of an age', text.replace('7', '['.repeat(50_000) + ']'.repeat(50_000))],
    ['a million empty lists', `[${'[],'.repeat(1_000_000)}[]]`],
    ['80,000 empty lists', `[${'[],'.repeat(80_000)}[]]`],
    ['__proto__', text.replace('{', '{"__proto__":{"polluted":true},')],
    ['constructor', text.replace('{', '{"constructor":{"prototype":{"polluted":true}},')],
    ...['NaN', '-1', '9007199254740992', '1e400', '1.5', '"7"', 'null'].map(age),
    address('a lone surrogate', String.raw`"\ud800"`),
    address('an address of 1 MB', `"${'a'.repeat(1_000_000)}"`),
    address('an address of 257 bytes', `"${'a'.repeat(257)}"`),
    address('an empty address', '""'),
    ['nothing', ''],
    ['null', 'null']
  ]
}

function binaryBombs(codec: Codec): readonly (readonly [string, Uint8Array])[] {
  const sound = codec.encode(SAMPLE)
  // Replaces each byte in turn by the largest number: one of them is the count, others are lengths.
  const counts = Array.from(sound, (_, at): readonly [string, Uint8Array] => {
    return [
      `a count of 2^64 at ${at}`,
      Uint8Array.from([...sound.subarray(0, at), ...new Uint8Array(9).fill(0xff), 1])
    ]
  })
  return [
    ...counts,
    ['nothing', new Uint8Array(0)],
    ['a million zeros', new Uint8Array(1_000_000)],
    ['more than all', Uint8Array.from([...sound, 0])]
  ]
}

function refusal(codec: Codec, bytes: Uint8Array): { code: string; ms: number } {
  const startMs = performance.now()
  let code = 'taken'
  try {
    codec.decode(bytes)
  } catch (error) {
    code = (error as GossipError).code ?? String(error)
  }
  return { code, ms: performance.now() - startMs }
}
