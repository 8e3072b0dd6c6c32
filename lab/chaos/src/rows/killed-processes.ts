/** Row 5: processes are killed under load. */

import { setTimeout as delay } from 'node:timers/promises'
import { duration, percentage } from '@rumormill/harness/figure'
import { shuffle } from '@rumormill/protocol/engine'
import { createRng } from '@rumormill/protocol/plugin'
import { ProcessGroup, PROCESS_ROUND_MS, PROCESS_VIEW_PERIOD_MS } from '../process-group.ts'
import { boundRounds, type Row, type RowOptions, type RowResult } from '../row.ts'

export const killedProcesses: Row = {
  number: 5,
  name: 'kill -9 of 40 % under load',
  mode: 'L',
  run
}

async function run({ seed, short }: RowOptions): Promise<RowResult> {
  const nodes = short ? 10 : 20
  const perSecond = 20
  const boundMs = boundRounds(nodes) * PROCESS_ROUND_MS
  const group = new ProcessGroup()
  try {
    await group.start(nodes)
    await delay(3000)
    const order = Array.from({ length: nodes }, (_, node) => node)
    shuffle(order, createRng(seed))
    const victims = order.splice(0, Math.round(0.4 * nodes))
    const load = async (by: readonly number[], seconds: number): Promise<void> => {
      for (let update = 0; update < seconds * perSecond; update++) {
        group.submit(by[update % by.length]!)
        await delay(1000 / perSecond)
      }
    }
    await load([...order, ...victims], 3)
    await Promise.all(victims.map((node) => group.kill(node)))
    const killedMs = performance.now()
    await load(order, 3)
    const due = group.submitted.flatMap(({ by }, id) => (order.includes(by) ? [id] : []))
    const lost = await group.settle(order, due, 30_000)
    const slowestMs = group.slowestMs(order, due, killedMs)
    await delay(Math.max(0, killedMs + 15 * PROCESS_VIEW_PERIOD_MS - performance.now()))
    const views = await Promise.all(order.map((node) => group.peersOf(node)))
    const dead = new Set(victims.map((node) => group.members[node]!.address))
    const links = views.flat()
    const deadShare =
      links.filter((address) => dead.has(address)).length / Math.max(1, links.length)
    return {
      load: `${nodes} processes, ${perSecond} updates/s for 6 s`,
      faults: `kill -9 of ${victims.length} at once`,
      badInputs: 0,
      lost,
      duplicates: group.duplicates(order),
      figures: [
        duration('slowest', slowestMs, { limit: boundMs }),
        percentage('dead links after 15 periods', deadShare, { limit: 0.05 })
      ],
      complaints: [
        ...(slowestMs <= boundMs ? [] : ['an update of a survivor was late']),
        ...(deadShare < 0.05 ? [] : ['too many dead links'])
      ]
    }
  } finally {
    await group.stop()
  }
}
