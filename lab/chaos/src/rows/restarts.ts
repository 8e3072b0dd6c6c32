/** Row 27: a node is killed and restarted at its address with empty memory, repeatedly. */

import { setTimeout as delay } from 'node:timers/promises'
import { amount, duration } from '@rumormill/harness/figure'
import { ProcessGroup, PROCESS_ROUND_MS } from '../process-group.ts'
import { boundRounds, type Row, type RowOptions, type RowResult } from '../row.ts'

export const restarts: Row = { number: 27, name: 'restarts at one address', mode: 'L', run }

async function run({ short }: RowOptions): Promise<RowResult> {
  const nodes = short ? 6 : 10
  const times = short ? 5 : 20
  const boundMs = boundRounds(nodes) * PROCESS_ROUND_MS
  const restarted = nodes - 1
  const others = Array.from({ length: restarted }, (_, node) => node)
  const group = new ProcessGroup()
  const loaded = new AbortController()
  let [lost, slowestMs] = [0, 0]
  try {
    await group.start(nodes)
    await delay(2000)
    const load = (async () => {
      for (let update = 0; !loaded.signal.aborted; update++) {
        group.submit(others[update % others.length]!)
        await delay(50)
      }
    })()
    const port = Number(group.members[restarted]!.address.split(':').at(-1))
    for (let time = 0; time < times; time++) {
      await group.kill(restarted)
      await group.join(restarted, port)
      const backMs = performance.now()
      const active = group.submitted.map((_, id) => id)
      lost += await group.settle([restarted], active, 30_000)
      slowestMs = Math.max(slowestMs, performance.now() - backMs)
    }
    loaded.abort()
    await load
    const updates = group.submitted.map((_, id) => id)
    lost += await group.settle([...others, restarted], updates, 30_000)
    return {
      load: `${nodes} processes, 20 updates/s`,
      faults: `${times} kills and restarts at one address`,
      badInputs: 0,
      lost,
      duplicates: group.duplicates([...others, restarted]),
      figures: [
        amount('updates', updates.length),
        duration('slowest catch-up', slowestMs, { limit: boundMs })
      ],
      complaints: slowestMs <= boundMs ? [] : ['a restarted node caught up late']
    }
  } finally {
    loaded.abort()
    await group.stop()
  }
}
