/** Two edges of the design space: H = 0 with growing S, and S = 0 with growing H (Jelasity et al. 2007, figs. 4, 9, 11). */

import { randomGroup } from '@rumormill/simulator'
import { averaged } from './average.ts'
import { overlayMeasurements } from './baseline.ts'
import type { Experiment, Measurement, Result, Scale } from './experiment.ts'
import { cyclesToHeal } from './healing.ts'
import { groupOf, membershipAt, type Selection } from './protocols.ts'

const SWAPS = [3, 8, 11, 14]
const HEALINGS = [1, 3, 8, 14, 15]
const RUNS = 3

export const edges: Experiment = {
  id: 'edges',
  title: 'Between the corners',
  story:
    'H is how many of the oldest entries an exchange discards, S how many of those just sent to ' +
    'the partner. With H = 0, more swapping (S) makes the in-degrees more even. With S = 0, ' +
    'more healing (H) removes dead entries sooner: half of the nodes die, and the cycles until ' +
    'no view has a dead entry are counted, on average of three runs.',
  run: (scale) => {
    const measurements: Measurement[] = []
    for (const swapping of scale.quick ? [8] : SWAPS) {
      scale.progress(`H=0 S=${swapping}`)
      const group = randomGroup(
        scale.nodes,
        groupOf(scale, membershipAt(scale, 'rand', 0, swapping))
      )
      for (let cycle = 0; cycle < (scale.quick ? 60 : 200); cycle++) group.cycle()
      measurements.push(
        ...overlayMeasurements(`rand H=0 S=${swapping}`, group.overlay().overlay, group.rng)
      )
    }
    return { measurements: [...measurements, ...averaged(scale, RUNS, healings).measurements] }
  }
}

function healings(scale: Scale): Result {
  const measurements: Measurement[] = []
  const selections: readonly Selection[] = scale.quick ? ['rand'] : ['rand', 'tail']
  for (const selection of selections) {
    for (const healing of scale.quick ? [1, 15] : HEALINGS) {
      const name = `${selection} H=${healing} S=0`
      scale.progress(name)
      const group = randomGroup(
        scale.nodes,
        groupOf(scale, membershipAt(scale, selection, healing, 0))
      )
      for (let cycle = 0; cycle < (scale.quick ? 50 : healing < 3 ? 150 : 80); cycle++)
        group.cycle()
      if (healing < 15)
        measurements.push(...overlayMeasurements(name, group.overlay().overlay, group.rng))
      measurements.push({ id: `${name} cycles to heal`, value: cyclesToHeal(group, 60) })
    }
  }
  return { measurements }
}
