/** Scenarios that measure the overlay cycle by cycle, as the papers do. */

import { pick, PRESETS, shuffle } from '@rumormill/protocol/engine'
import {
  clustering,
  clusterSizes,
  type CycleGroup,
  type CycleGroupOptions,
  distributionOf,
  growingGroup,
  inDegrees,
  latticeGroup,
  randomGroup
} from '@rumormill/simulator'
import type { Scenario, ScenarioOptions, ScenarioResult } from './scenario.ts'

const CYCLES = 60
const EVERY = 5
const { push, pull, selection, viewSize, healing, swapping, exchangeSize } = PRESETS.lan.membership

function settings({ seed, hardened }: ScenarioOptions): CycleGroupOptions {
  return {
    membership: { push, pull, selection, viewSize, healing, swapping, exchangeSize, hardened },
    seed
  }
}

export const overlayScenarios: readonly Scenario[] = [
  {
    name: 'growing',
    about:
      'one node, then a twentieth of the group more in each of 20 cycles, whose views have only the first',
    run: (options) =>
      watch(growingGroup(options.nodes, Math.ceil(options.nodes / 20), settings(options)), options)
  },
  {
    name: 'lattice',
    about: 'a ring, in which views have the nearest neighbors',
    run: (options) => watch(latticeGroup(options.nodes, settings(options)), options)
  },
  {
    name: 'random',
    about: 'views that are random samples',
    run: (options) => watch(randomGroup(options.nodes, settings(options)), options)
  },
  {
    name: 'churn',
    about: 'in each cycle 1 % of the nodes crash and as many new ones join, with one peer each',
    run: (options) => watch(randomGroup(options.nodes, settings(options)), options, replaceSome)
  },
  {
    name: 'catastrophe',
    about: 'half of the nodes die in cycle 30',
    run: (options) => watch(randomGroup(options.nodes, settings(options)), options, killHalf)
  }
]

function watch(
  group: CycleGroup,
  { progress }: ScenarioOptions,
  strike: (group: CycleGroup) => void = () => {}
): ScenarioResult {
  const rows = [row(group)]
  while (group.cycles < CYCLES) {
    strike(group)
    group.cycle()
    progress(`cycle ${group.cycles} of ${CYCLES}`)
    if (group.cycles % EVERY === 0) rows.push(row(group))
  }
  const clusters = rows.at(-1)![CLUSTERS]!
  return {
    columns: COLUMNS,
    rows,
    complaints: clusters === 1 ? [] : [`the group split into ${clusters} clusters`]
  }
}

const COLUMNS = [
  'cycle',
  'nodes',
  'in-degree sd',
  'in-degree max',
  'clustering',
  'clusters',
  'dead links %'
]
const CLUSTERS = COLUMNS.indexOf('clusters')

function row(group: CycleGroup): number[] {
  const { overlay, deadLinks, links } = group.overlay()
  const { sd, max } = distributionOf(inDegrees(overlay))
  return [
    group.cycles,
    group.liveNodes,
    sd,
    max,
    clustering(overlay),
    clusterSizes(overlay).length,
    links === 0 ? 0 : (100 * deadLinks) / links
  ]
}

function replaceSome(group: CycleGroup): void {
  const live = group.live()
  shuffle(live, group.rng)
  const leaving = live.splice(0, Math.max(1, Math.round(live.length / 100)))
  for (const node of leaving) {
    group.kill(node)
    group.introduce(group.add(), [pick(live, group.rng)!])
  }
}

function killHalf(group: CycleGroup): void {
  if (group.cycles !== 30) return
  const live = group.live()
  shuffle(live, group.rng)
  for (const node of live.slice(0, live.length >> 1)) group.kill(node)
}
