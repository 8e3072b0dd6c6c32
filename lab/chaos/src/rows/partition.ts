/** Row 8: the group is cut into two halves for a minute, longer than views keep unreachable peers. */

import { amount, duration } from '@rumormill/harness/figure'
import { simulate } from '@rumormill/simulator'
import { boundRounds, type Row, type RowOptions, type RowResult } from '../row.ts'
import { DeliveryLog, balance, Submissions, ROUND_MS, VIEW_PERIOD_MS } from '../submissions.ts'

const CUT_AT_MS = 20_000
const HEALED_AT_MS = CUT_AT_MS + 120 * VIEW_PERIOD_MS
const JOINED_BY_MS = HEALED_AT_MS + 60 * VIEW_PERIOD_MS

export const partition: Row = { number: 8, name: 'in two halves for 60 s', mode: 'V', run }

function run({ seed, short }: RowOptions): RowResult {
  const nodes = short ? 400 : 1000
  const bound = boundRounds(nodes)
  const { lost, duplicates, clusters, doneMs } = trial(nodes, seed, {})
  const control = trial(nodes, seed, { maxPastPeers: 0 })
  const limitMs = JOINED_BY_MS + bound * ROUND_MS
  return {
    load: `${nodes} nodes, 20 updates on either side`,
    faults: 'partition 50/50 for 120 periods, all first contacts dead',
    badInputs: 0,
    lost,
    duplicates,
    figures: [
      duration('complete after the heal', doneMs - HEALED_AT_MS, { limit: limitMs - HEALED_AT_MS }),
      amount('control without memory of peers, components', control.clusters),
      amount('control, lost', control.lost)
    ],
    complaints: [
      ...(clusters === 1 ? [] : [`${clusters} components after 60 periods`]),
      ...(doneMs <= limitMs ? [] : ['updates of the other half were late or missing']),
      ...(control.lost > 0 ? [] : ['the control run merged, too'])
    ]
  }
}

function trial(
  nodes: number,
  seed: number,
  membership: object
): {
  lost: number
  duplicates: number
  clusters: number
  doneMs: number
} {
  let submissions!: Submissions
  const { apps, report } = simulate<DeliveryLog>({
    nodes,
    seed,
    membership,
    durationMs: JOINED_BY_MS + boundRounds(nodes) * ROUND_MS,
    app: (node) => new DeliveryLog(node.number, () => node.now()),
    script: (stage) => {
      submissions = new Submissions(stage)
      const middle = nodes >> 1
      stage.at(CUT_AT_MS, () =>
        stage.partition([stage.nodes.slice(0, middle), stage.nodes.slice(middle)])
      )
      // Crashes the only peer source, so that asking it again does not help.
      stage.at(CUT_AT_MS + 1000, () => stage.crash(0))
      for (let update = 0; update < 20; update++) {
        stage.at(CUT_AT_MS + 2000 * (update + 1), () => {
          submissions.submit(1 + update)
          submissions.submit(middle + update)
        })
      }
      stage.at(HEALED_AT_MS, () => stage.heal())
    }
  })
  const doneMs = Math.max(
    ...[...apps.values()].map((log) => submissions.completeMs(log, HEALED_AT_MS))
  )
  return { ...balance(submissions, apps.values()), clusters: report.clusters, doneMs }
}
