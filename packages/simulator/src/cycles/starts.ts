/** The initial topologies of the papers' experiments (Jelasity et al. 2007, section 4). */

import type { Rng } from '@rumormill/protocol/plugin'
import type { Overlay } from '../metrics/overlay.ts'
import { CycleGroup, type CycleGroupOptions } from './cycle-group.ts'

/** Returns a group whose views are uniform random samples. */
export function randomGroup(size: number, options: CycleGroupOptions): CycleGroup {
  const group = emptyViews(size, options)
  for (let node = 0; node < size; node++) {
    group.introduce(node, randomOthers(node, size, options.membership.viewSize, group.rng))
  }
  return group
}

/** Returns a ring, in which the view of each node has its nearest neighbors. */
export function latticeGroup(size: number, options: CycleGroupOptions): CycleGroup {
  const group = emptyViews(size, options)
  for (let node = 0; node < size; node++) {
    const near = Array.from(
      { length: options.membership.viewSize },
      (_, n) => (n % 2 === 0 ? 1 : -1) * ((n >> 1) + 1)
    )
    group.introduce(
      node,
      near.map((offset) => (node + offset + size) % size)
    )
  }
  return group
}

/** Returns a growing group: one node, and `perCycle` more in each cycle up to `size`, whose views have only the first. */
export function growingGroup(
  size: number,
  perCycle: number,
  options: CycleGroupOptions
): CycleGroup {
  const group = emptyViews(1, options)
  while (group.size < size) {
    for (let added = 0; added < perCycle && group.size < size; added++)
      group.introduce(group.add(), [0])
    group.cycle()
  }
  return group
}

/** Returns the papers' baseline: an overlay of uniform random views, without any exchange. */
export function randomOverlay(size: number, viewSize: number, rng: Rng): Overlay {
  const targets = new Int32Array(size * viewSize)
  for (let node = 0; node < size; node++)
    targets.set(randomOthers(node, size, viewSize, rng), node * viewSize)
  return {
    size,
    starts: Int32Array.from({ length: size + 1 }, (_, node) => node * viewSize),
    targets
  }
}

function emptyViews(size: number, options: CycleGroupOptions): CycleGroup {
  const group = new CycleGroup(options)
  for (let node = 0; node < size; node++) group.add()
  return group
}

/** Returns `count` different random nodes other than `node`. */
function randomOthers(node: number, size: number, count: number, rng: Rng): number[] {
  const others = new Set<number>()
  while (others.size < Math.min(count, size - 1)) {
    const other = rng.below(size)
    if (other !== node) others.add(other)
  }
  return [...others]
}
