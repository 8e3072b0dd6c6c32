/**
 * Compares codecs: the CPU time of a round trip (encode and decode) of nine messages.
 * `node lab/bench/dist/codec.js [--json] [--rounds=7] [--slice-ms=30]`
 */

import { pathToFileURL } from 'node:url'
import { isDeepStrictEqual, parseArgs } from 'node:util'
import { cpuMicros } from '@rumormill/harness/process-usage'
import { median } from '@rumormill/harness/quantile'
import { printClaim } from './claim.ts'
import { candidates, REFERENCE, type Candidate, type Schema } from './codec-candidates.ts'
import { samples, type Sample } from './codec-messages.ts'

/** The result of one candidate for one message. */
export interface CodecResult {
  readonly codec: string
  readonly message: string
  readonly bytes: number
  /** The CPU time of one round trip: the median of the rounds. */
  readonly roundTripNs: number
}

/** The fastest library of one schema, compared with codec-binary. */
export interface BestLibrary {
  readonly schema: Schema
  readonly codec: string
  readonly timesAsFast: number
}

/** The result of the comparison. */
export interface CodecComparison {
  readonly results: readonly CodecResult[]
  /** The speed of codec-binary relative to each of the others: the geometric mean over the messages. */
  readonly timesAsFast: Readonly<Record<string, number>>
  readonly best: readonly BestLibrary[]
}

/** The extent of the measurement. */
export interface CodecBenchmarkOptions {
  readonly rounds: number
  /** The CPU time of one candidate for one message in one round. */
  readonly sliceMs: number
}

/** Measures all candidates with all messages in turns, so that a slow moment of the machine affects all equally. */
export function compareCodecs({ rounds, sliceMs }: CodecBenchmarkOptions): CodecComparison {
  const tracks = samples().flatMap((sample) =>
    candidates().map((candidate) => new Track(candidate, sample))
  )
  for (const track of tracks) track.calibrate(sliceMs)
  for (let round = 0; round < rounds; round++) {
    // Each round starts with another candidate, so that none always runs after the garbage of the same one.
    const first = Math.floor((tracks.length * round) / rounds)
    for (const track of [...tracks.slice(first), ...tracks.slice(0, first)]) track.measure()
  }
  return compare(tracks.map((track) => track.result()))
}

function compare(results: readonly CodecResult[]): CodecComparison {
  const own = new Map(
    results.filter(({ codec }) => codec === 'codec-binary').map((r) => [r.message, r.roundTripNs])
  )
  const names = [...new Set(results.map(({ codec }) => codec))].filter(
    (name) => name !== 'codec-binary'
  )
  const timesAsFast = Object.fromEntries(
    names.map((name) => {
      const ratios = results
        .filter(({ codec }) => codec === name)
        .map((r) => r.roundTripNs / own.get(r.message)!)
      return [name, geometricMean(ratios)]
    })
  )
  const best = (['list', 'block', 'owned'] as const).map((schema) => {
    const rivals = candidates()
      .filter((candidate) => candidate.schema === schema)
      .map(({ name }) => name)
    const codec = rivals.reduce((one, other) =>
      timesAsFast[other]! < timesAsFast[one]! ? other : one
    )
    return { schema, codec, timesAsFast: timesAsFast[codec]! }
  })
  return { results, timesAsFast, best }
}

function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length)
}

/** The measurements of one candidate for one message in all rounds. */
class Track {
  readonly #candidate: Candidate
  readonly #name: string
  readonly #form: unknown
  readonly #bytes: number
  readonly #timesNs: number[] = []
  #repeats = 1

  constructor(candidate: Candidate, { name, message }: Sample) {
    this.#candidate = candidate
    this.#name = name
    this.#form = candidate.toForm(message)
    const encoded = candidate.encode(this.#form)
    this.#bytes = encoded.length
    // Checks that the codec is correct.
    if (!isDeepStrictEqual(plain(candidate.fromForm(candidate.decode(encoded))), plain(message))) {
      throw new Error(`${candidate.name} does not decode ${name} correctly`)
    }
  }

  /** Finds the number of repeats that takes `sliceMs`; this also warms up. */
  calibrate(sliceMs: number): void {
    while (this.#run() < sliceMs * 1e6) this.#repeats *= 2
  }

  measure(): void {
    this.#timesNs.push(this.#run() / this.#repeats)
  }

  result(): CodecResult {
    return {
      codec: this.#candidate.name,
      message: this.#name,
      bytes: this.#bytes,
      roundTripNs: Math.round(median(this.#timesNs))
    }
  }

  #run(): number {
    const candidate = this.#candidate
    const before = cpuMicros()
    for (let repeat = 0; repeat < this.#repeats; repeat++)
      candidate.decode(candidate.encode(this.#form))
    return (cpuMicros() - before) * 1000
  }
}

/** Converts Buffers and class instances of libraries to plain values for the comparison. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [key, plain(held)]))
}

function table({ results, timesAsFast, best }: CodecComparison): string {
  const messages = [...new Set(results.map(({ message }) => message))]
  const codecs = [...new Set(results.map(({ codec }) => codec))]
  const time = (ns: number): string => (ns < 100_000 ? `${ns}` : `${Math.round(ns / 1000)}k`)
  const rows = codecs.map((codec) => [
    codec,
    ...messages.map((message) =>
      time(results.find((r) => r.codec === codec && r.message === message)!.roundTripNs)
    ),
    timesAsFast[codec] === undefined ? '' : timesAsFast[codec].toFixed(2)
  ])
  const lines = [['ns per round trip', ...messages, 'geomean'], ...rows].map(
    ([first, ...rest]) => first!.padEnd(26) + rest.map((cell) => cell.padStart(8)).join('')
  )
  const verdicts = best.map(
    ({ schema, codec, timesAsFast: times }) =>
      `${SCHEMA_TEXT[schema]}: codec-binary is ${times.toFixed(2)} times as fast as ${codec}`
  )
  const legend = 'geomean: how many times as fast codec-binary is, over the nine messages'
  return [...lines, '', legend, ...verdicts].join('\n')
}

const SCHEMA_TEXT: Readonly<Record<Schema, string>> = {
  list: 'Best library, digests as a list',
  block: 'Best library, digests as one block, results are views of the input',
  owned: 'Best library, digests as one block, results are copies where the port asks for them'
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      rounds: { type: 'string', default: '7' },
      'slice-ms': { type: 'string', default: '30' }
    }
  })
  const comparison = compareCodecs({
    rounds: Number(values.rounds),
    sliceMs: Number(values['slice-ms'])
  })
  if (values.json) {
    for (const result of comparison.results)
      console.log(JSON.stringify({ benchmark: 'codec', ...result }))
    const { results: _, ...summary } = comparison
    console.log(JSON.stringify({ benchmark: 'codec', ...summary }))
  } else {
    console.log(table(comparison))
  }
  const byHand = comparison.timesAsFast[REFERENCE]!
  printClaim(
    {
      row: 'f1',
      what: 'codec-binary, times a codec written by hand that checks next to nothing',
      figure: byHand,
      better: 'more',
      goal: 0.9,
      extreme: 1.3
    },
    values.json
  )
  const { codec, timesAsFast } = comparison.best.find(({ schema }) => schema === 'owned')!
  const what = `codec-binary, times the best library whose results are copies where ours are (${codec})`
  printClaim(
    { row: 'f2', what, figure: timesAsFast, better: 'more', goal: 1.5, extreme: 2 },
    values.json
  )
}
