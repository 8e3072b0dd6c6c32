/** Row 11: any message may be lost, doubled, delayed or reordered. */

import { amount } from '@rumormill/harness/figure'
import { simulate, type NetworkOptions } from '@rumormill/simulator'
import type { Row, RowOptions, RowResult } from '../row.ts'
import { DeliveryLog, balance, Submissions } from '../submissions.ts'

const NODES = 20
const UPDATES = 50
const LOSSES = [0.05, 0.1, 0.3]

export const roughNetwork: Row = {
  number: 11,
  name: 'loss, doubles, reordering, jitter',
  mode: 'V',
  run
}

function run({ seed, short }: RowOptions): RowResult {
  const seeds = short ? 20 : 200
  let [lost, duplicates, vanished, doubled] = [0, 0, 0, 0]
  const failing: number[] = []
  for (let index = 0; index < seeds; index++) {
    const result = trial(seed + index, LOSSES[index % LOSSES.length]!)
    lost += result.lost
    duplicates += result.duplicates
    vanished += result.vanished
    doubled += result.doubled
    if (result.lost + result.duplicates > 0) failing.push(seed + index)
  }
  // The control: without any delivery all updates must count as lost.
  const control = trial(seed, 1)
  return {
    load: `${NODES} nodes, ${UPDATES} updates in 10 s, ${seeds} seeds`,
    faults: 'loss 5/10/30 %, doubles 50 %, reordering, jitter 100 ms',
    badInputs: 0,
    lost,
    duplicates,
    figures: [
      amount('seeds without loss or duplicates', seeds - failing.length, { of: seeds }),
      amount('messages lost', vanished),
      amount('messages doubled', doubled),
      amount('control at 100 %, updates lost', control.lost)
    ],
    complaints: [
      ...(failing.length > 0 ? [`seeds ${failing.slice(0, 10).join(', ')}`] : []),
      ...(control.lost === NODES * UPDATES - UPDATES
        ? []
        : ['the control run lost less than everything'])
    ]
  }
}

function trial(
  seed: number,
  lossRate: number
): { lost: number; duplicates: number; vanished: number; doubled: number } {
  const network: NetworkOptions = {
    lossRate,
    duplicateRate: 0.5,
    reorderRate: 0.2,
    reorderMs: 1000,
    latency: { leastMs: 0, mostMs: 100 }
  }
  let submissions!: Submissions
  const { apps, report } = simulate<DeliveryLog>({
    nodes: NODES,
    seed,
    durationMs: 60_000,
    network,
    app: (node) => new DeliveryLog(node.number, () => node.now()),
    script: (stage) => {
      submissions = new Submissions(stage)
      for (let update = 0; update < UPDATES; update++)
        stage.at(2000 + 200 * update, () => submissions.submit(update % NODES))
    }
  })
  return {
    ...balance(submissions, apps.values()),
    vanished: report.lost,
    doubled: report.duplicated
  }
}
