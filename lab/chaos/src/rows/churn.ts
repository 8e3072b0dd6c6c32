/** Row 7: nodes join and leave continuously. */

import { amount } from '@rumormill/harness/figure'
import { createRng } from '@rumormill/protocol/plugin'
import { simulate } from '@rumormill/simulator'
import { boundRounds, type Row, type RowOptions, type RowResult } from '../row.ts'
import { DeliveryLog, Submissions, ROUND_MS, VIEW_PERIOD_MS } from '../submissions.ts'

const BEGIN_MS = 10_000

export const churn: Row = { number: 7, name: '1 % leave and 1 % join per period', mode: 'V', run }

function run({ seed, short }: RowOptions): RowResult {
  const [nodes, periods] = short ? [200, 60] : [500, 300]
  const perPeriod = nodes / 100
  const endMs = BEGIN_MS + periods * VIEW_PERIOD_MS
  const boundMs = boundRounds(nodes) * ROUND_MS
  const rng = createRng(seed)
  let submissions!: Submissions
  let joined = 0
  const { apps, report } = simulate<DeliveryLog>({
    nodes,
    seed,
    durationMs: endMs + boundMs,
    app: (node) => new DeliveryLog(node.number, () => node.now()),
    script: (stage) => {
      submissions = new Submissions(stage)
      // The first half stays, and submits; the others may go.
      const stayers = stage.nodes.slice(0, nodes / 2)
      const goers = stage.nodes.slice(nodes / 2)
      const change = (): void => {
        for (let count = 0; count < perPeriod; count++) {
          stage.crash(goers.splice(rng.below(goers.length), 1)[0]!)
          goers.push(stage.join([stayers[rng.below(stayers.length)]!]))
          joined++
        }
      }
      for (let period = 0; period < periods; period++)
        stage.at(BEGIN_MS + period * VIEW_PERIOD_MS, change)
      for (let atMs = 5000; atMs < endMs; atMs += 1000)
        stage.at(atMs, () => submissions.submit(rng.below(nodes / 2)))
    }
  })
  let [lost, late, duplicates] = [0, 0, 0]
  for (const log of apps.values()) {
    const isStayer = log.node < nodes / 2
    // Newcomers have B(N) from their start for the updates active by then; the latest ones do not count.
    const dueMs = log.bornMs + boundMs
    if (isStayer) lost += submissions.missing(log)
    else if (dueMs <= endMs)
      late += submissions.missing(log, dueMs, ({ atMs }) => atMs < log.bornMs)
    duplicates += log.duplicates
  }
  return {
    load: `${nodes} nodes, ${submissions.entries.length} updates`,
    faults: `${joined} left, ${joined} joined in ${periods} periods`,
    badInputs: 0,
    lost,
    duplicates,
    figures: [
      amount(`updates late to newcomers, ${boundMs / 1000} s after their start`, late, {
        limit: 0
      }),
      amount('components', report.clusters, { limit: 1 })
    ],
    complaints: [
      ...(late > 0 ? [`newcomers missed ${late} updates at B(N)`] : []),
      ...(report.clusters > 1 ? [`${report.clusters} components`] : [])
    ]
  }
}
