/** Row 11: any message may be lost, duplicated, delayed or reordered. */

import { amount } from '@rumormill/harness/figure'
import { simulate, type NetworkOptions } from '@rumormill/simulator'
import type { Row, RowOptions, RowResult } from '../row.ts'
import { DeliveryLog, balance, Submissions } from '../submissions.ts'

const NODES = 20
const UPDATES = 50
const LOSSES = [0.05, 0.1, 0.3]

export const roughNetwork: Row = {
  number: 11,
  name: 'loss, duplicates, reordering, delay',
  mode: 'V',
  run
}

function run({ seed, short }: RowOptions): RowResult {
  const seeds = short ? 20 : 200
  let [lost, duplicates, vanished, duplicated] = [0, 0, 0, 0]
  const failing: number[] = []
  for (let index = 0; index < seeds; index++) {
    const result = trial(seed + index, LOSSES[index % LOSSES.length]!)
    lost += result.lost
    duplicates += result.duplicates
    vanished += result.vanished
    duplicated += result.duplicated
    if (result.lost + result.duplicates > 0) failing.push(seed + index)
  }
  // The control: without any delivery all updates must count as lost.
  const control = trial(seed, 1)
  return {
    load: `${NODES} nodes, ${UPDATES} updates in 10 s, ${seeds} seeds`,
    faults: 'loss 5/10/30 %, duplicates 50 %, reordering, delay up to 100 ms',
    badInputs: 0,
    lost,
    duplicates,
    figures: [
      amount('seeds without loss or duplicates', seeds - failing.length, { of: seeds }),
      amount('messages lost', vanished),
      amount('messages duplicated', duplicated),
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
  loss: number
): { lost: number; duplicates: number; vanished: number; duplicated: number } {
  const network: NetworkOptions = {
    loss,
    duplicate: 0.5,
    reorder: 0.2,
    reorderMs: 1000,
    delayMs: { least: 0, most: 100 }
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
    duplicated: report.duplicated
  }
}
