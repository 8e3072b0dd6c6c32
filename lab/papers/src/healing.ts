/** Recovery after half of the nodes have died (Jelasity et al. 2007, section 5.1, fig. 11). */

import { shuffle } from '@rumormill/protocol/engine'
import type { CycleGroup } from '@rumormill/simulator'

const SHOWN = [1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 30, 50, 70, 100]

/** Kills half of the nodes, and returns the percentage of dead view entries by cycle, until it is 0 or for `cycles`. */
export function healingCurve(
  group: CycleGroup,
  cycles: number
): [cycle: number, percent: number][] {
  killHalf(group)
  const points: [number, number][] = []
  for (let cycle = 1; cycle <= cycles; cycle++) {
    group.cycle()
    if (!SHOWN.includes(cycle)) continue
    const { deadLinks, links } = group.overlay()
    points.push([cycle, (100 * deadLinks) / links])
  }
  return points
}

/** Returns the first cycle after which no view has a dead entry, or Infinity when that is later than `cycles`. */
export function cyclesToHeal(group: CycleGroup, cycles: number): number {
  killHalf(group)
  for (let cycle = 1; cycle <= cycles; cycle++) {
    group.cycle()
    if (group.overlay().deadLinks === 0) return cycle
  }
  return Infinity
}

function killHalf(group: CycleGroup): void {
  const nodes = group.live()
  shuffle(nodes, group.rng)
  for (const node of nodes.slice(0, Math.floor(nodes.length / 2))) group.kill(node)
}
