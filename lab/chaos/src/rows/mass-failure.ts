/** Row 6: most of a large group dies at once. */

import { amount } from '@rumormill/harness/figure'
import { shuffle } from '@rumormill/protocol/engine'
import { createRng } from '@rumormill/protocol/plugin'
import { simulate } from '@rumormill/simulator'
import { boundRounds, type Row, type RowOptions, type RowResult } from '../row.ts'
import { DeliveryLog, balance, Submissions, ROUND_MS, VIEW_PERIOD_MS } from '../submissions.ts'

const KILLED_AT_MS = 20 * VIEW_PERIOD_MS
const DEAD_LINKS_GONE_MS = 30 * VIEW_PERIOD_MS

export const massFailure: Row = { number: 6, name: 'most of a group dies at once', mode: 'V', run }

function run({ seed, short }: RowOptions): RowResult {
  const nodes = short ? 300 : 1000
  const trials = [0.4, 0.5, 0.7].map((share) => trial(nodes, share, seed))
  // The control: nodes that never forget dead peers must keep dead links.
  const control = trial(nodes, 0.5, seed, { maxFailedSends: Infinity, healing: 0, swapping: 15 })
  const bound = boundRounds(nodes)
  return {
    load: `${nodes} nodes, 10 updates as the others die`,
    faults: '40, 50, 70 % of the nodes are killed',
    badInputs: 0,
    lost: sum(trials.map(({ lost }) => lost)),
    duplicates: sum(trials.map(({ duplicates }) => duplicates)),
    figures: [
      amount(
        'rounds',
        trials.map(({ rounds }) => rounds),
        { limit: bound }
      ),
      amount(
        'dead links after 30 periods',
        trials.map(({ deadLinks }) => deadLinks)
      ),
      amount('control without forgetting, dead links', control.deadLinks)
    ],
    complaints: [
      ...trials
        .filter(({ clusters }) => clusters > 1)
        .map(({ share, clusters }) => `${clusters} components after ${share}`),
      ...trials
        .filter(({ rounds }) => rounds > bound)
        .map(({ share, rounds }) => `${rounds.toFixed(1)} rounds after ${share}`),
      ...trials
        .filter(({ deadLinks }) => deadLinks > 0)
        .map(({ share, deadLinks }) => `${deadLinks} dead links after ${share}`),
      ...(control.deadLinks > 0 ? [] : ['the control run lost its dead links, too'])
    ]
  }
}

function trial(
  nodes: number,
  share: number,
  seed: number,
  membership: object = {}
): {
  share: number
  lost: number
  duplicates: number
  rounds: number
  clusters: number
  deadLinks: number
} {
  const rng = createRng(seed)
  let submissions!: Submissions
  const { apps, report } = simulate<DeliveryLog>({
    nodes,
    seed,
    membership,
    durationMs: KILLED_AT_MS + DEAD_LINKS_GONE_MS,
    app: (node) => new DeliveryLog(node.number, () => node.now()),
    script: (stage) => {
      submissions = new Submissions(stage)
      const order = [...stage.nodes]
      shuffle(order, rng)
      const killed = order.splice(0, Math.round(share * nodes))
      stage.at(KILLED_AT_MS, () => {
        for (const node of killed) stage.crash(node)
        for (const node of order.slice(0, 10)) submissions.submit(node)
      })
    }
  })
  const lastMs = Math.max(...[...apps.values()].map((log) => submissions.completeMs(log)))
  const { clusters, deadLinks } = report
  return {
    share,
    ...balance(submissions, apps.values()),
    rounds: (lastMs - KILLED_AT_MS) / ROUND_MS,
    clusters,
    deadLinks
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
