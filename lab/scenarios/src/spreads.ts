/** Scenarios that measure how updates spread over a network with delay and loss. */

import { PRESETS } from '@rumormill/protocol/engine'
import {
  rngFor,
  simulate,
  type SimulatedApp,
  type SimulationReport,
  type Stage
} from '@rumormill/simulator'
import type { Scenario, ScenarioOptions, ScenarioResult } from './scenario.ts'

const UPDATES = 10
const CONTENT_BYTES = 256

export const spreadScenarios: readonly Scenario[] = [
  {
    name: 'broadcast',
    about: 'ten updates, one a second, each from a random node; 2 % of the messages are lost',
    run: (options) => spread(options, 60_000, () => {})
  },
  {
    name: 'partition',
    about: 'the same, with the group cut into two halves for 15 seconds',
    run: (options) =>
      spread(options, 90_000, (stage) => {
        const middle = stage.nodes.length >> 1
        stage.at(9_500, () =>
          stage.partition([stage.nodes.slice(0, middle), stage.nodes.slice(middle)])
        )
        stage.at(24_500, () => stage.heal())
      })
  }
]

function spread(
  { nodes, seed, hardened, progress }: ScenarioOptions,
  durationMs: number,
  strike: (stage: Stage<SimulatedApp>) => void
): ScenarioResult {
  const rng = rngFor(seed)
  const { report } = simulate({
    nodes,
    seed,
    durationMs,
    membership: { hardened },
    network: { loss: 0.02 },
    app: () => ({ onUpdate: () => {} }),
    script: (stage) => {
      strike(stage)
      for (let update = 0; update < UPDATES; update++) {
        const content = Uint8Array.from({ length: CONTENT_BYTES }, () => rng.below(256))
        stage.at(10_000 + 1000 * update, () => stage.submit(rng.below(nodes), content))
      }
      for (let atMs = 0; atMs < durationMs; atMs += 1000)
        stage.at(atMs, () => progress(`second ${atMs / 1000} of ${durationMs / 1000}`))
    }
  })
  return {
    columns: COLUMNS,
    rows: report.updates.map(({ submittedAtMs, submittedBy, reached, lastMs, lastHop }, number) => [
      number + 1,
      submittedAtMs / 1000,
      submittedBy,
      reached,
      lastMs / 1000,
      lastHop
    ]),
    complaints: complaintsOf(report)
  }
}

const COLUMNS = ['update', 'submitted s', 'by node', 'reached', 'last after s', 'last hop']

function complaintsOf({
  updates,
  liveNodes,
  contentsReceived,
  contentsDelivered,
  clusters
}: SimulationReport): string[] {
  const late = updates.filter(({ reached }) => reached < liveNodes).length
  // A content is requested again only if it is lost, and then both copies may arrive. A node that submits again grows a
  // tree, which starts as all links.
  const growing = updates.length - new Set(updates.map(({ submittedBy }) => submittedBy)).size
  const most = 1.1 * contentsDelivered + growing * liveNodes * 2 * PRESETS.lan.broadcast.degree
  return [
    ...(updates.length < UPDATES
      ? [`only ${updates.length} of ${UPDATES} updates were submitted`]
      : []),
    ...(late > 0
      ? [`${late} of ${updates.length} updates did not reach all ${liveNodes} nodes`]
      : []),
    ...(clusters > 1 ? [`the group split into ${clusters} clusters`] : []),
    ...(contentsReceived > most
      ? [`${contentsReceived - contentsDelivered} contents were redundant`]
      : [])
  ]
}
