/** Removes nodes from a static overlay (Jelasity et al. 2007, section 5.1, fig. 10). */

import { shuffle } from '@rumormill/protocol/engine'
import type { Rng } from '@rumormill/protocol/plugin'
import { clusterSizes, type Overlay, restricted } from '@rumormill/simulator'
import type { Measurement } from './experiment.ts'

const PERCENTS = [65, 75, 80, 85, 90, 95, 98]
/** The number of removals in the paper. */
export const REMOVALS = 100

/** Returns for each removed share how many remaining nodes are outside the largest cluster: the average of 100 removals. */
export function removalCurve(overlay: Overlay, rng: Rng): [percent: number, outside: number][] {
  const nodes = Array.from({ length: overlay.size }, (_, node) => node)
  return PERCENTS.map((percent) => {
    let outside = 0
    for (let run = 0; run < REMOVALS; run++) {
      shuffle(nodes, rng)
      const keep = new Uint8Array(overlay.size)
      for (const node of nodes.slice(Math.round((overlay.size * percent) / 100))) keep[node] = 1
      const left = restricted(overlay, keep)
      outside += left.size - (clusterSizes(left)[0] ?? 0)
    }
    return [percent, outside / REMOVALS]
  })
}

export function removalMeasurements(
  name: string,
  curve: readonly (readonly [number, number])[]
): Measurement[] {
  return curve.map(([percent, value]) => ({ id: `${name} outside at ${percent}`, value }))
}
