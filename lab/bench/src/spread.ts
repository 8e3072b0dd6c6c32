/**
 * Measures updates through eight connected nodes: rumormill against js gossipsub, each group in its own process, in turns.
 *
 * Run: `node dist/spread.js [--json] [--rounds 5] [--updates 1000]`; rows a1 to a3, b1, c, d, e1 and e2.
 */

import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { messageOf } from '@rumormill/harness/child-process'
import { median } from '@rumormill/harness/quantile'
import { printClaim, rounded, type Claim } from './claim.ts'
import { KINDS, type NodeKind } from './spread/nodes.ts'
import type { SpreadFigures, SpreadOrder } from './spread/process.ts'

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    updates: { type: 'string', default: '1000' },
    'idle-ms': { type: 'string', default: '2000' },
    'warm-up-ms': { type: 'string', default: '2000' },
    'rest-ms': { type: 'string', default: '1200' }
  }
})

/** A group that is only shown for comparison. It takes longest, so it runs once. */
const SHOWN_ONCE: NodeKind = 'gossipsub noise signed'
/** The share of the updates for some groups: for this one, only the figures at rest matter. */
const SHARES: Partial<Record<NodeKind, number>> = {
  'rumormill tcp, rounds of 1 s': 0.2,
  [SHOWN_ONCE]: 0.2
}

const names = Object.keys(KINDS) as NodeKind[]
const rounds = new Map<NodeKind, SpreadFigures[]>(names.map((name) => [name, []]))
for (let round = 0; round < Number(values.rounds); round++) {
  for (const name of names)
    if (round === 0 || name !== SHOWN_ONCE) rounds.get(name)!.push(await runGroup(name))
}
const medians = Object.fromEntries(
  names.map((name) => [name, medianOf(rounds.get(name)!)])
) as Record<NodeKind, SpreadFigures>
if (values.json)
  for (const name of names)
    console.log(JSON.stringify({ benchmark: 'spread', group: name, ...medians[name] }))
else console.table(Object.fromEntries(names.map((name) => [name, shown(medians[name])])))
for (const claim of claims()) printClaim(claim, values.json)

async function runGroup(kind: NodeKind): Promise<SpreadFigures> {
  const order: SpreadOrder = {
    kind,
    updates: Number(values.updates) * (SHARES[kind] ?? 1),
    idleMs: Number(values['idle-ms']),
    warmUpMs: Number(values['warm-up-ms']),
    restMs: Number(values['rest-ms'])
  }
  const child = fork(fileURLToPath(new URL('spread/process.js', import.meta.url)), [
    JSON.stringify(order)
  ])
  const ended = once(child, 'exit')
  const figures = await messageOf<SpreadFigures>(child, kind)
  await ended
  return figures
}

function medianOf(figures: readonly SpreadFigures[]): SpreadFigures {
  const keys = Object.keys(figures[0]!) as (keyof SpreadFigures)[]
  return Object.fromEntries(
    keys.map((key) => [key, median(figures.map((each) => each[key]))])
  ) as unknown as SpreadFigures
}

function shown(figures: SpreadFigures): Record<string, string> {
  return Object.fromEntries(
    Object.entries(figures).map(([key, figure]) => [key, rounded(figure as number)])
  )
}

function claims(): Claim[] {
  const [plain, noise, resting] = [
    medians['rumormill tcp'],
    medians['rumormill noise'],
    medians['rumormill tcp, rounds of 1 s']
  ]
  const [rival, noisyRival] = [medians['gossipsub plaintext'], medians['gossipsub noise']]
  const more = (
    row: string,
    what: string,
    figure: number,
    goal: number,
    extreme: number
  ): Claim => ({ row, what, figure, better: 'more', goal, extreme })
  const less = (
    row: string,
    what: string,
    figure: number,
    goal: number,
    extreme: number
  ): Claim => ({ row, what, figure, better: 'less', goal, extreme })
  return [
    more(
      'a1',
      'updates/s of 1 KiB over TCP, times gossipsub plaintext',
      plain.updatesPerSecond / rival.updatesPerSecond,
      12,
      20
    ),
    more(
      'a2',
      'updates/s of 64 KiB over TCP, times gossipsub plaintext',
      plain.largePerSecond / rival.largePerSecond,
      4,
      10
    ),
    more(
      'a3',
      'updates/s of 1 KiB over Noise, times gossipsub unsigned',
      noise.updatesPerSecond / noisyRival.updatesPerSecond,
      4,
      4
    ),
    less('b1', "median latency over TCP, of gossipsub's", plain.p50Ms / rival.p50Ms, 1 / 4, 1 / 8),
    less('b1b', "p99 of latency over TCP, of gossipsub's", plain.p99Ms / rival.p99Ms, 1 / 3, 1 / 3),
    less('c1', 'bytes written per byte delivered, 64 B', plain.smallWireRatio, 2, 1.4),
    less('c2', 'bytes written per byte delivered, 1 KiB', plain.wireRatio, 1.12, 1.05),
    less('c3', 'bytes written per byte delivered, 64 KiB', plain.largeWireRatio, 1.01, 1.001),
    less('d', 'microseconds of CPU per delivery of 1 KiB', plain.cpuMicrosPerDelivery, 40, 12),
    less(
      'e1',
      'microseconds of CPU per second and idle node, rounds of 1 s',
      resting.idleCpuMicros,
      120,
      50
    ),
    less('e2', 'MB of memory per node', resting.rssBytesPerNode / 1e6, 0.5, 0.2),
    more('del', 'deliveries that came', plain.delivered, 1, 1)
  ]
}
