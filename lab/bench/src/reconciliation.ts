/**
 * Measures the cost of set reconciliation: bytes of a round between equal nodes, bytes and CPU time by the number of
 * differences, and how both grow with the group; sketches compared with lists.
 *
 * Run: `node dist/reconciliation.js [--json] [--updates 1000000] [--nodes 256] [--trials 60]`; rows g1 to g4.
 */

import { randomFillSync } from 'node:crypto'
import { parseArgs } from 'node:util'
import { binaryCodec } from '@rumormill/codec-binary'
import { cpuMicrosOf } from '@rumormill/harness/process-usage'
import { median } from '@rumormill/harness/quantile'
import { fastHash, type AntiEntropyConfig, type Codec } from '@rumormill/protocol'
import {
  difference,
  FINGERPRINT_SYMBOLS,
  fingerprintOf,
  ShortIds,
  Sketch,
  symbolBytes,
  type ShortIdBytes
} from '@rumormill/protocol/engine'
import { createRng, DIGEST_BYTES, type Message } from '@rumormill/protocol/plugin'
import { simulate, type SimulationReport } from '@rumormill/simulator'
import { printClaim } from './claim.ts'

const MOST_SYMBOLS = 4096
const DIFFERENCES = [1, 2, 5, 10, 30, 100, 300, 1000]
/** The updates of the group, one every 20 ms, before the rest. */
const GROUP_UPDATES = 500
const BEGIN_MS = 5000
const GAP_MS = 20
const REST_MS = 10_000

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    updates: { type: 'string', default: '1000000' },
    nodes: { type: 'string', default: '256' },
    trials: { type: 'string', default: '60' },
    // Accepted by all benchmarks; each figure here comes from many trials anyway.
    rounds: { type: 'string' }
  }
})
const trials = Number(values.trials)
const hash = await fastHash()

const header = Math.max(
  ...[100, 1000, 10_000].map((updates) => roundBetweenEquals(updates, 'sketch'))
)
for (const updates of [100, 1000, 10_000])
  print({ updates, listBytes: roundBetweenEquals(updates, 'list') })
printClaim(
  {
    row: 'g1',
    what: 'bytes each way of a round between nodes that know the same 100 to 10,000 updates',
    figure: header,
    better: 'less',
    goal: 64,
    extreme: 40
  },
  values.json
)

const perDifference = DIFFERENCES.map((differences) => exchangeBytes(differences))
printClaim(
  {
    row: 'g2',
    what: 'bytes of sketches per difference, beyond 100, for 1 to 1,000 differences',
    figure: Math.max(...perDifference),
    better: 'less',
    goal: 24,
    extreme: 18
  },
  values.json
)

for (const width of [8, 16] as const)
  for (const differences of DIFFERENCES) print(fewest(differences, width))
const exchangeUs = cpuOfExchange(Number(values.updates))
printClaim(
  {
    row: 'g3',
    what: `CPU microseconds to find 100 differences of ${values.updates} updates, fingerprint included`,
    figure: exchangeUs,
    better: 'less',
    goal: 200,
    extreme: 60
  },
  values.json
)

group(8, 'sketch') // Warms up.
const [few, many] = [group(8, 'sketch'), group(Number(values.nodes), 'sketch')]
for (const mode of ['eager', 'off'] as const)
  for (const reconciliation of ['list', 'sketch'] as const) group(50, reconciliation, mode)
const growth = Math.max(many.bytes / few.bytes, many.cpuUs / few.cpuUs)
printClaim(
  {
    row: 'g4',
    what: `bytes, or CPU, per delivery: ${values.nodes} nodes, times 8`,
    figure: growth,
    better: 'less',
    goal: 1.2,
    extreme: 1.05
  },
  values.json
)

/** Returns the bytes of the larger direction of a round between two engines with the same updates. */
function roundBetweenEquals(
  updates: number,
  reconciliation: AntiEntropyConfig['reconciliation']
): number {
  const contents = Array.from({ length: updates }, (_, n) =>
    new TextEncoder().encode(`update ${n}`)
  )
  let bytes = 0
  simulate({
    nodes: 2,
    durationMs: 5000,
    broadcast: { mode: 'off' },
    antiEntropy: { reconciliation },
    app: () => ({ onUpdate: () => {} }),
    codec: watched((message, length) => {
      if (/^(digest|sketch)/.test(message.kind)) bytes = Math.max(bytes, length)
    }),
    script: (stage) =>
      contents.forEach((content) => stage.nodes.forEach((node) => stage.submit(node, content)))
  })
  return bytes
}

/** Gives one of two nodes `differences` more updates repeatedly. Returns the bytes of fingerprints and symbols beyond 100, per update. */
function exchangeBytes(differences: number): number {
  const rng = createRng(differences)
  const warmUp = 4
  const measured = Math.max(3, Math.min(5 * trials, Math.ceil(3000 / differences)))
  let bytes = 0
  let isWarm = false
  simulate({
    // So fast that the two nodes do not open exchanges at once.
    nodes: 2,
    durationMs: (warmUp + measured) * 2000,
    broadcast: { mode: 'off' },
    network: { delayMs: 0.1 },
    fetch: { maxRequestsPerPeer: 1024, maxRequests: 4096 },
    store: { maxUpdates: 100_000 },
    app: () => ({ onUpdate: () => {} }),
    codec: watched((message, length) => {
      // The request for it is as long as one between equal nodes.
      if (isWarm && message.kind === 'sketch-response' && message.symbols.length > 0)
        bytes += length + 19
    }),
    script: (stage) => {
      for (let n = 0; n < 1000; n++)
        for (const node of stage.nodes) stage.submit(node, new TextEncoder().encode(`common ${n}`))
      for (let trial = 0; trial < warmUp + measured; trial++) {
        stage.at(trial * 2000, () => {
          isWarm = trial >= warmUp
          for (let n = 0; n < differences; n++)
            stage.submit(
              rng.below(2),
              Uint8Array.from({ length: 32 }, () => rng.below(256))
            )
        })
      }
    }
  })
  const figure = (bytes / measured - 100) / differences
  print({ differences, sketchBytes: bytes / measured, perDifferenceBeyond100: figure })
  return figure
}

/** Finds the fewest symbols that decode `differences`, one by one or in steps of 2 %. */
function fewest(differences: number, width: ShortIdBytes): Record<string, number> {
  const rng = createRng(differences)
  const step = Math.max(1, Math.floor(differences / 50))
  const symbols = Array.from({ length: trials }, () => {
    const [mine, theirs] = [sketch(width), sketch(width)]
    for (let n = 0; n < differences; n++)
      (rng.below(2) === 0 ? mine : theirs).insert(randomFillSync(new Uint8Array(DIGEST_BYTES)))
    let count = differences
    while (
      difference(mine.copy(count), theirs.write(0, count), mine.ids)?.length !==
      differences * width
    )
      count += step
    return count
  }).toSorted((a, b) => a - b)
  const bytes = (count: number): number => (count * symbolBytes(sketch(width).ids)) / differences
  const mean = symbols.reduce((sum, count) => sum + count, 0) / trials
  return {
    shortIdBytes: width,
    differences,
    fewestBytesPerDifference: bytes(mean),
    p95BytesPerDifference: bytes(symbols[Math.floor(0.95 * trials)]!)
  }
}

function cpuOfExchange(updates: number): number {
  const ids = sketch(8).ids
  const digests = randomFillSync(new Uint8Array((updates + 100) * DIGEST_BYTES))
  const [mine, theirs] = [new Sketch(ids, MOST_SYMBOLS), new Sketch(ids, MOST_SYMBOLS)]
  const insertUs =
    cpuMicrosOf(() => {
      for (let n = 0; n < updates; n++) mine.insert(digests, n * DIGEST_BYTES)
    }) / updates
  for (let n = 0; n < updates + 100; n++) theirs.insert(digests, n * DIGEST_BYTES)
  const decode = (): void => {
    fingerprintOf(mine.count, mine.copy(FINGERPRINT_SYMBOLS), hash)
    difference(mine.copy(192), theirs.write(0, 192), ids)
  }
  cpuMicrosOf(decode, 200)
  print({ updates, insertUs, sketchBytes: MOST_SYMBOLS * symbolBytes(ids) })
  return median(Array.from({ length: trials }, () => cpuMicrosOf(decode, 20)))
}

/** Runs a group under load; returns bytes and CPU time per delivery. */
function group(
  nodes: number,
  reconciliation: AntiEntropyConfig['reconciliation'],
  mode: 'eager' | 'off' = 'eager'
): { bytes: number; cpuUs: number } {
  let report: SimulationReport | undefined
  const cpu = cpuMicrosOf(() => {
    ;({ report } = simulate({
      nodes,
      durationMs: BEGIN_MS + GROUP_UPDATES * GAP_MS + REST_MS,
      network: { loss: 0.02 },
      broadcast: { mode },
      antiEntropy: { reconciliation },
      app: () => ({ onUpdate: () => {} }),
      script: (stage) => {
        for (let n = 0; n < GROUP_UPDATES; n++) {
          stage.at(BEGIN_MS + GAP_MS * n, () =>
            stage.submit(n % 8, randomFillSync(new Uint8Array(100)))
          )
        }
      }
    }))
  })
  const missed = report!.updates.filter(({ reached }) => reached < nodes).length
  if (missed > 0) throw new Error(`${missed} updates did not reach all of ${nodes} nodes`)
  const deliveries = (nodes - 1) * GROUP_UPDATES
  const bytes = (pattern: RegExp): number =>
    Object.entries(report!.traffic).reduce(
      (sum, [kind, traffic]) => (pattern.test(kind) ? sum + traffic.bytes : sum),
      0
    ) / deliveries
  const roundBytes = bytes(/^(digest|sketch|difference)/)
  const spreadBytes = bytes(/^(eager-push|content|ihave|neighbor|prune)/)
  const cpuUs = cpu / deliveries
  const medianLastMs = median(report!.updates.map(({ lastMs }) => lastMs))
  print({
    bySketch: reconciliation === 'sketch' ? 1 : 0,
    byTree: mode === 'eager' ? 1 : 0,
    nodes,
    roundBytes,
    spreadBytes,
    cpuUs,
    medianLastMs
  })
  return { bytes: roundBytes + spreadBytes, cpuUs }
}

function watched(watch: (message: Message, length: number) => void): Codec {
  const codec = binaryCodec()
  return {
    ...codec,
    encode: (message) => {
      const bytes = codec.encode(message)
      watch(message, bytes.length)
      return bytes
    }
  }
}

function sketch(width: ShortIdBytes): Sketch {
  return new Sketch(new ShortIds(width, new Uint8Array(16).fill(width)), MOST_SYMBOLS)
}

function print(result: Record<string, number>): void {
  if (values.json) return console.log(JSON.stringify({ benchmark: 'reconciliation', ...result }))
  console.log(
    Object.entries(result)
      .map(([name, value]) => `${name} ${Number(value.toFixed(3))}`)
      .join(', ')
  )
}
