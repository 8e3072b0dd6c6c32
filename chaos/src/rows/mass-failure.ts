/** Row 6: most of a large group dies at once. */

import { createRng, shuffle } from '@rumormill/protocol'
import { simulate } from '@rumormill/simulator'
import { Account, balance, Ledger, ROUND_MS, VIEW_PERIOD_MS } from '../ledger.ts'
import { boundRounds, type Row, type RowOptions, type RowResult } from '../row.ts'

const KILLED_AT_MS = 20 * VIEW_PERIOD_MS
const DEAD_LINKS_GONE_MS = 30 * VIEW_PERIOD_MS

export const massFailure: Row = { number: 6, name: 'most of a group dies at once', mode: 'V', run }

function run({ seed, short }: RowOptions): RowResult {
  const nodes = short ? 300 : 1000
  const trials = [0.4, 0.5, 0.7].map((share) => trial(nodes, share, seed))
  // A node that never forgets the dead must be seen to fail, or the row says nothing.
  const control = trial(nodes, 0.5, seed, { maxFailedSends: Infinity, healing: 0, swapping: 15 })
  const bound = boundRounds(nodes)
  return {
    load: `${nodes} nodes, 10 updates as the others die`,
    faults: 'kill 40, 50, 70 %',
    badInputs: 0,
    lost: sum(trials.map(({ lost }) => lost)),
    duplicates: sum(trials.map(({ duplicates }) => duplicates)),
    note:
      `rounds ${trials.map(({ rounds }) => rounds.toFixed(1)).join('/')} of ${bound}; dead links after 30 periods ` +
      `${trials.map(({ deadLinks }) => deadLinks).join('/')}; control without forgetting: ${control.deadLinks}`,
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
      ...(control.deadLinks > 0 ? [] : ['the control run lost its dead links too'])
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
  let ledger!: Ledger
  const { apps, report } = simulate<Account>({
    nodes,
    seed,
    membership,
    durationMs: KILLED_AT_MS + DEAD_LINKS_GONE_MS,
    app: (node) => new Account(node.number, () => node.now()),
    script: (stage) => {
      ledger = new Ledger(stage)
      const order = [...stage.nodes]
      shuffle(order, rng)
      const killed = order.splice(0, Math.round(share * nodes))
      stage.at(KILLED_AT_MS, () => {
        for (const node of killed) stage.crash(node)
        for (const node of order.slice(0, 10)) ledger.submit(node)
      })
    }
  })
  const lastMs = Math.max(...[...apps.values()].map((account) => ledger.completeMs(account)))
  const { clusters, deadLinks } = report
  return {
    share,
    ...balance(ledger, apps.values()),
    rounds: (lastMs - KILLED_AT_MS) / ROUND_MS,
    clusters,
    deadLinks
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
