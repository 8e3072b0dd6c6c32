/**
 * Codecs compared: CPU time of a round trip (encode and decode) of nine messages.
 * `node benchmarks/dist/codec.js [--json] [--rounds=7] [--slice-ms=30]`
 */

import { pathToFileURL } from 'node:url'
import { isDeepStrictEqual, parseArgs } from 'node:util'
import { printClaim } from './claim.ts'
import { candidates, REFERENCE, type Candidate, type Schema } from './codec-candidates.ts'
import { samples, type Sample } from './codec-messages.ts'

/** One candidate on one message. */
export interface CodecResult {
  readonly codec: string
  readonly message: string
  readonly bytes: number
  /** CPU time of one round trip: the median of the rounds. */
  readonly roundTripNs: number
}

/** The quickest library of one schema, and how codec-binary compares with it. */
export interface BestLibrary {
  readonly schema: Schema
  readonly codec: string
  readonly timesAsFast: number
}

/** What became of the claim. */
export interface CodecComparison {
  readonly results: readonly CodecResult[]
  /** How many times as fast codec-binary is: the geometric mean over the messages, for each of the others. */
  readonly timesAsFast: Readonly<Record<string, number>>
  readonly best: readonly BestLibrary[]
}

/** How long to measure. */
export interface CodecBenchmarkOptions {
  readonly rounds: number
  /** CPU time of one candidate on one message in one round. */
  readonly sliceMs: number
}

/** Measures all candidates on all messages, taking turns, so that a slow moment of the machine hits all alike. */
export function compareCodecs({ rounds, sliceMs }: CodecBenchmarkOptions): CodecComparison {
  const tracks = samples().flatMap((sample) =>
    candidates().map((candidate) => new Track(candidate, sample))
  )
  for (const track of tracks) track.calibrate(sliceMs)
  for (let round = 0; round < rounds; round++) {
    // Each round begins elsewhere, so that nobody always runs behind the same neighbor's garbage.
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

/** One candidate on one message through all rounds. */
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
    // A fast codec that is wrong is not a codec.
    if (!isDeepStrictEqual(plain(candidate.fromForm(candidate.decode(encoded))), plain(message))) {
      throw new Error(`${candidate.name} does not give ${name} back`)
    }
  }

  /** Finds how many repeats fill `sliceMs`; this warms up as well. */
  calibrate(sliceMs: number): void {
    while (this.#run() < sliceMs * 1e6) this.#repeats *= 2
  }

  measure(): void {
    this.#timesNs.push(this.#run() / this.#repeats)
  }

  result(): CodecResult {
    const sorted = this.#timesNs.toSorted((a, b) => a - b)
    const median = sorted[Math.floor(sorted.length / 2)]!
    return {
      codec: this.#candidate.name,
      message: this.#name,
      bytes: this.#bytes,
      roundTripNs: Math.round(median)
    }
  }

  #run(): number {
    const candidate = this.#candidate
    const before = process.cpuUsage()
    for (let repeat = 0; repeat < this.#repeats; repeat++)
      candidate.decode(candidate.encode(this.#form))
    const { user, system } = process.cpuUsage(before)
    return (user + system) * 1000
  }
}

/** Libraries give back Buffers, and objects of classes of their own; only what they hold is compared. */
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
