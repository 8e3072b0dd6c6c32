/** Other initial topologies, and groups that only push (Jelasity et al. 2007, section 4.1.1, fig. 2, table II). */

import {
  clusterSizes,
  type CycleGroup,
  distributionOf,
  growingGroup,
  inDegrees,
  latticeGroup
} from '@rumormill/simulator'
import { averaged } from './average.ts'
import type { Experiment, Measurement, Result, Scale } from './experiment.ts'
import { groupOf, POLICIES, membershipOf } from './protocols.ts'

/** The number of clusters varies a lot between runs: 19 to 31. The paper's figures are averages of 100 runs. */
const PUSH_RUNS = 8

export const starts: Experiment = {
  id: 'starts',
  title: 'From any start to the same group',
  story:
    'Lattice: a ring in which each node knows its nearest neighbors. Growing: one node, then ' +
    '1/20 of the group more in each of 20 cycles; all of these know only the first node. Every ' +
    'start leads to the same kind of group. If both sides of an exchange send their entries ' +
    '(pushpull), the group stays one cluster and no node has a very high in-degree.',
  run: (scale) => {
    const measurements: Measurement[] = []
    for (const policy of POLICIES) {
      const options = groupOf(scale, membershipOf(scale, 'rand', policy))
      scale.progress(`growing: rand ${policy}`)
      const grown = growingGroup(scale.nodes, scale.nodes / 20, options)
      measurements.push(...state(`growing rand ${policy}`, runTo(grown, lastCycle(scale))))
      scale.progress(`lattice: rand ${policy}`)
      const lattice = latticeGroup(scale.nodes, options)
      measurements.push(...state(`lattice rand ${policy}`, runTo(lattice, scale.quick ? 60 : 200)))
    }
    return { measurements }
  }
}

export const pushing: Experiment = {
  id: 'push',
  title: 'Push alone is not enough',
  story:
    'This is the growing start again, but only the node that opens an exchange sends entries. ' +
    'The first node, which every node knew, stays the center of a star; with some policies, ' +
    'nodes are cut off permanently. The figures are averages of eight runs.',
  run: (scale) => averaged(scale, PUSH_RUNS, pushes)
}

function pushes(scale: Scale): Result {
  const measurements: Measurement[] = []
  for (const [selection, policy] of [
    ['rand', 'healer'],
    ['rand', 'swapper'],
    ['tail', 'swapper'],
    ['tail', 'healer']
  ] as const) {
    if (scale.quick && selection === 'tail') continue
    const name = `push ${selection} ${policy}`
    scale.progress(name)
    const membership = { ...membershipOf(scale, selection, policy), pull: false }
    const group = growingGroup(scale.nodes, scale.nodes / 20, groupOf(scale, membership))
    measurements.push(...state(name, runTo(group, lastCycle(scale))))
  }
  return { measurements }
}

function lastCycle({ quick }: Scale): number {
  return quick ? 60 : 300
}

function runTo(group: CycleGroup, cycles: number): CycleGroup {
  while (group.cycles < cycles) group.cycle()
  return group
}

function state(name: string, group: CycleGroup): Measurement[] {
  const { overlay } = group.overlay()
  const { sd, max } = distributionOf(inDegrees(overlay))
  const clusters = clusterSizes(overlay)
  return [
    { id: `${name} sd`, value: sd },
    { id: `${name} max in-degree`, value: max },
    { id: `${name} clusters`, value: clusters.length },
    { id: `${name} largest cluster`, value: clusters[0]! }
  ]
}
