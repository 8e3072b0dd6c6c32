/** Row 10: some processes are suspended one after the other, and resumed in another order. */

import { setTimeout as delay } from 'node:timers/promises'
import { amount, duration } from '@rumormill/harness/figure'
import { shuffle } from '@rumormill/protocol/engine'
import { createRng } from '@rumormill/protocol/plugin'
import { ProcessGroup, PROCESS_ROUND_MS } from '../process-group.ts'
import { boundRounds, type Row, type RowOptions, type RowResult } from '../row.ts'

export const swizzleClog: Row = { number: 10, name: 'swizzle-clog', mode: 'L', run }

async function run({ seed, short }: RowOptions): Promise<RowResult> {
  const nodes = short ? 10 : 20
  const overMs = short ? 5000 : 10_000
  const boundMs = boundRounds(nodes) * PROCESS_ROUND_MS
  const rng = createRng(seed)
  const group = new ProcessGroup()
  const loaded = new AbortController()
  try {
    await group.start(nodes)
    await delay(3000)
    const order = Array.from({ length: nodes }, (_, node) => node)
    shuffle(order, rng)
    const clogged = order.slice(0, Math.round(0.3 * nodes))
    const load = (async () => {
      for (let update = 0; !loaded.signal.aborted; update++) {
        group.submit(update % nodes)
        await delay(50)
      }
    })()
    for (const node of clogged) {
      group.signal(node, 'SIGSTOP')
      await delay(overMs / clogged.length)
    }
    const all = group.submitted.length
    const missedMeanwhile = group.missing(
      clogged,
      Array.from({ length: all }, (_, id) => id)
    )
    shuffle(clogged, rng)
    for (const node of clogged) {
      group.signal(node, 'SIGCONT')
      await delay(200)
    }
    const resumedMs = performance.now()
    loaded.abort()
    await load
    const updates = group.submitted.map((_, id) => id)
    const lost = await group.settle(order, updates, 30_000)
    const slowestMs = group.slowestMs(order, updates, resumedMs)
    return {
      load: `${nodes} processes, 20 updates/s`,
      faults: `SIGSTOP of ${clogged.length} over ${overMs / 1000} s, resumed in another order`,
      badInputs: 0,
      lost,
      duplicates: group.duplicates(order),
      figures: [
        amount('updates', updates.length),
        amount('missing during the suspension', missedMeanwhile),
        duration('all arrived after the last resume', slowestMs, { limit: boundMs })
      ],
      complaints: [
        ...(slowestMs <= boundMs ? [] : ['an update was late']),
        ...(missedMeanwhile > 0 ? [] : ['no update was missing during the suspension'])
      ]
    }
  } finally {
    loaded.abort()
    await group.stop()
  }
}
