/** Continuous churn (Jelasity et al. 2007, sections 5.2 and 5.3). */

import { pick, shuffle } from '@rumormill/protocol/engine'
import { clusterSizes, type CycleGroup, distributionOf, randomGroup } from '@rumormill/simulator'
import type { Experiment, Measurement } from './experiment.ts'
import { groupOf, membershipAt } from './protocols.ts'

const CYCLES = 120
const QUICK_CYCLES = 60
/** How many of the last cycles are averaged. */
const OBSERVED = 20

export const churn: Experiment = {
  id: 'churn',
  title: 'Churn',
  story:
    'In each cycle 1 % of the nodes crash and as many new ones join, each of which knows one ' +
    'random live node. The dead entries of a view are counted, on average and at most, and so ' +
    'are the clusters of live nodes.',
  run: (scale) => {
    const measurements: Measurement[] = []
    for (const [selection, healing] of [
      ['rand', 0],
      ['rand', 1],
      ['rand', 3],
      ['rand', 8],
      ['rand', 14],
      ['tail', 1]
    ] as const) {
      if (scale.quick && healing !== 1) continue
      const name = `churn ${selection} H=${healing}`
      scale.progress(name)
      const group = randomGroup(
        scale.nodes,
        groupOf(scale, membershipAt(scale, selection, healing, 0))
      )
      const cycles = scale.quick ? QUICK_CYCLES : CYCLES
      let mean = 0
      let max = 0
      for (let cycle = 1; cycle <= cycles; cycle++) {
        replace(group, scale.nodes / 100)
        group.cycle()
        if (cycle <= cycles - OBSERVED) continue
        const dead = distributionOf(group.deadLinksByNode())
        mean += dead.mean / OBSERVED
        max = Math.max(max, dead.max)
      }
      measurements.push(
        { id: `${name} dead links`, value: mean },
        { id: `${name} most dead links`, value: max },
        { id: `${name} clusters`, value: clusterSizes(group.overlay().overlay).length }
      )
    }
    return { measurements }
  }
}

function replace(group: CycleGroup, count: number): void {
  const live = group.live()
  shuffle(live, group.rng)
  for (const node of live.slice(0, count)) group.kill(node)
  const survivors = live.slice(count)
  for (let added = 0; added < count; added++)
    group.introduce(group.add(), [pick(survivors, group.rng)!])
}
