/** Row 33: runs random scenarios for the given time; each failure names the command that reproduces it. */

import { amount, duration, size } from '@rumormill/harness/figure'
import { liveBytes } from '@rumormill/harness/process-usage'
import { runRoughSockets } from '../rough-sockets.ts'
import type { Row, RowOptions, RowResult } from '../row.ts'
import { slopePerMinute } from '../slope.ts'
import { runSwarm, type SwarmResult } from '../swarm.ts'

const SHORT_MS = 15_000
const WARM_UP_MS = 3 * 60_000
const MAX_SLOPE_PER_HOUR_BYTES = 2 ** 20 / 2
/** One group over sockets runs per this many scenarios. */
const SOCKETS_EVERY = 5

export const soak: Row = { number: 33, name: 'soak', mode: 'V', run }

async function run({ seed, short, minutes }: RowOptions): Promise<RowResult> {
  const endMs = performance.now() + (short ? SHORT_MS : 60_000 * minutes)
  const total = new Total()
  const heap: [number, number][] = []
  const startMs = performance.now()
  // At least one, so that `--minutes 0` reproduces the scenario of a seed.
  for (let round = 0; round === 0 || performance.now() < endMs; round++) {
    await total.round(seed + round, round % SOCKETS_EVERY === 0)
    const atMs = performance.now() - startMs
    if (atMs >= WARM_UP_MS && atMs - (heap.at(-1)?.[0] ?? 0) > 10_000)
      heap.push([atMs, liveBytes()])
  }
  // A few minutes do not show the growth per hour.
  const slope = heap.length < 30 ? undefined : 60 * slopePerMinute(heap)
  return {
    load: `${total.scenarios} scenarios of 5 to 30 nodes, ${total.updates} updates; ${total.groups} groups over sockets`,
    faults: Object.entries(total.faults)
      .map(([name, count]) => `${count} ${name}`)
      .join(', '),
    badInputs: 0,
    lost: total.lost,
    duplicates: total.duplicates,
    figures: [
      amount('first seed', seed),
      amount('last seed', seed + total.scenarios - 1),
      duration(
        'slowest core complete after its faults, in virtual time',
        1000 * total.slowestSeconds
      ),
      size('heap growth an hour', slope, {
        remark: slope === undefined ? 'too short to see it' : undefined
      })
    ],
    complaints: [
      ...total.failing.map(
        (failing) => `again: npm run lab -- chaos --row 33 --minutes 0 --seed ${failing}`
      ),
      ...total.unlike.map((unlike) => `seed ${unlike} did not replay identically`),
      ...(total.invented === 0
        ? []
        : [`${total.invented} deliveries of contents that no node submitted`]),
      ...(slope === undefined || slope < MAX_SLOPE_PER_HOUR_BYTES ? [] : ['the heap grows'])
    ]
  }
}

class Total {
  scenarios = 0
  groups = 0
  updates = 0
  lost = 0
  duplicates = 0
  invented = 0
  slowestSeconds = 0
  readonly faults: Record<string, number> = {}
  readonly failing: number[] = []
  readonly unlike: number[] = []

  async round(seed: number, withSockets: boolean): Promise<void> {
    const result = runSwarm(seed)
    this.scenarios++
    const isFailing = this.#add(result)
    // The first scenario and each failing one must replay identically.
    if (
      (isFailing || this.scenarios === 1) &&
      JSON.stringify(runSwarm(seed)) !== JSON.stringify(result)
    )
      this.unlike.push(seed)
    if (isFailing) this.failing.push(seed)
    if (!withSockets) return
    const { lost, duplicates, changed, faults } = await runRoughSockets(seed)
    this.groups++
    this.lost += lost
    this.duplicates += duplicates
    this.invented += changed
    this.faults['on sockets'] = (this.faults['on sockets'] ?? 0) + faults
    if (lost + duplicates + changed > 0 && !isFailing) this.failing.push(seed)
  }

  /** Adds a result. Returns whether the scenario failed. */
  #add({ updates, lost, duplicates, invented, doneSeconds, faults }: SwarmResult): boolean {
    this.updates += updates
    this.lost += lost
    this.duplicates += duplicates
    this.invented += invented
    this.slowestSeconds = Math.max(this.slowestSeconds, doneSeconds)
    for (const [name, count] of Object.entries(faults))
      this.faults[name] = (this.faults[name] ?? 0) + count
    return lost + duplicates + invented > 0
  }
}
