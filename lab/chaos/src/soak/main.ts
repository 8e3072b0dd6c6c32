/** `npm run lab -- soak`: runs two default groups for a day and for a week of virtual time; exit code 1 when one fails. */

import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Command } from '@commander-js/extra-typings'
import { integer } from '@rumormill/harness/arguments'
import { messageOf } from '@rumormill/harness/child-process'
import type { PartResult } from './part.ts'
import type { SoakPlan } from './soak-group.ts'

const SECOND_MS = 1000
const HOUR_MS = 3600 * SECOND_MS
/** The most by which the heap per active update may grow from the third to the last quarter. */
const MAX_GROWTH = 1.1

interface Part extends SoakPlan {
  readonly name: string
  /** A control run, which must refuse submissions. */
  readonly isControl?: true
}

const { short = false, seed } = new Command('npm run lab -- soak')
  .description(
    'Two groups of six nodes with 5 % loss and churn: a day at 5 updates/s, and a week at one in 10 s. About half an hour.'
  )
  .option(
    '--short',
    'a forty-eighth of the time with a store smaller by the same factor: half a minute, too short to see the heap grow'
  )
  .option('--seed <number>', 'the seed of all random choices', integer, 1)
  .parse()
  .opts()

const share = short ? 1 / 48 : 1
const small = {
  store: { expiration: { mode: 'mostRecent', count: 2000, margin: 0, minAgeMs: 6000 } }
} as const
const churn = (everyMs: number): Pick<SoakPlan, 'churnEveryMs' | 'awayMs'> => ({
  churnEveryMs: Math.max(share * everyMs, 240 * SECOND_MS),
  awayMs: Math.max((share * everyMs) / 4, 60 * SECOND_MS)
})
const parts: Part[] = [
  {
    name: 'a day at 5 updates/s',
    seed,
    totalMs: share * 24 * HOUR_MS,
    updateEveryMs: 200,
    ...churn(HOUR_MS / 2),
    ...(short ? { options: small } : {})
  },
  {
    name: 'a week at one update in 10 s',
    seed: seed + 1,
    totalMs: share * 168 * HOUR_MS,
    updateEveryMs: 10 * SECOND_MS,
    ...churn(6 * HOUR_MS)
  },
  {
    name: 'control: an hour at 5 updates/s that never expire',
    isControl: true,
    seed: seed + 2,
    totalMs: (short ? 1 / 4 : 1) * HOUR_MS,
    updateEveryMs: 200,
    ...churn(HOUR_MS / 2),
    options: {
      store: { expiration: { mode: 'none' }, maxUpdates: short ? 2000 : 10_000 }
    }
  }
]

const passed = await Promise.all(parts.map(run))
const failed = passed.filter((each) => !each).length
process.stdout.write(`${passed.length - failed} passed, ${failed} failed\n`)
process.exitCode = failed === 0 ? 0 : 1

/** Runs a part in its own process, and prints its result. Returns whether it passed. */
async function run(part: Part): Promise<boolean> {
  const child = fork(fileURLToPath(new URL('./part.js', import.meta.url)))
  child.send(part)
  const result = await messageOf<PartResult>(child, part.name)
  const complaints = complaintsOf(result)
  const isRight = part.isControl === true ? result.wedged > 0 : complaints.length === 0
  process.stdout.write(`${isRight ? 'passed' : 'FAILED'}  ${part.name}\n${describe(result)}\n`)
  for (const complaint of complaints) process.stdout.write(`        ${complaint}\n`)
  return isRight
}

function describe(result: PartResult): string {
  const { submitted, left, killed, bans, doubled, reported, unreported, gone, late, wedged } =
    result
  const heap = result.heapMiB.map((each) => each.toFixed(0))
  return [
    `        ${submitted} updates; ${left} nodes left, ${killed} were killed, as many came; 5 % of messages lost`,
    `        bans ${bans}, wedged ${wedged}, lost without an event ${unreported}, lost with an event ${reported}, lost with killed nodes ${gone}, doubled ${doubled}, late newcomers ${late}`,
    `        active at the end ${result.activeUpdates.join(' ')}; heap in MiB ${heap.join(' ')}`
  ].join('\n')
}

function complaintsOf(result: PartResult): string[] {
  const growth = heapPerUpdate(result, 4) / heapPerUpdate(result, 3)
  const { wedged, bans, unreported, doubled, late } = result
  return [
    ...Object.entries({
      wedged,
      bans,
      'lost without an event': unreported,
      doubled,
      'late newcomers': late
    })
      .filter(([, count]) => count > 0)
      .map(([what, count]) => `${what}: ${count}`),
    ...(growth > MAX_GROWTH && !short
      ? [`the heap grows by ${growth.toFixed(2)} in the last quarter`]
      : [])
  ]
}

/** Returns the least heap per active update in a quarter of the time. */
function heapPerUpdate({ heapMiB, active }: PartResult, quarter: number): number {
  const size = heapMiB.length / 4
  const samples = heapMiB.map((each, index) => each / active[index]!)
  return Math.min(...samples.slice((quarter - 1) * size, quarter * size))
}
