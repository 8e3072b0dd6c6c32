/** Clustering, path lengths and components of an overlay (Jelasity et al. 2007, section 4.2). */

import { shuffle } from '@rumormill/protocol/engine'
import type { Rng } from '@rumormill/protocol/plugin'
import { undirected, type Overlay } from './overlay.ts'

/**
 * Returns the clustering coefficient of the undirected overlay: the share of linked pairs among the neighbors of a node, on
 * average. A random overlay has about 2c/N.
 */
export function clustering(overlay: Overlay): number {
  const { size, starts, targets } = undirected(overlay)
  const marked = new Int32Array(size).fill(-1)
  let sum = 0
  for (let node = 0; node < size; node++) {
    const degree = starts[node + 1]! - starts[node]!
    if (degree < 2) continue
    for (let at = starts[node]!; at < starts[node + 1]!; at++) marked[targets[at]!] = node
    let links = 0
    for (let at = starts[node]!; at < starts[node + 1]!; at++) {
      const neighbor = targets[at]!
      for (let of = starts[neighbor]!; of < starts[neighbor + 1]!; of++)
        if (marked[targets[of]!] === node) links++
    }
    sum += links / (degree * (degree - 1))
  }
  return sum / size
}

/**
 * Returns the average length of the shortest directed paths from `sources` random nodes to all nodes that they reach. Pass
 * `undirected(overlay)` for undirected paths.
 */
export function pathLength({ size, starts, targets }: Overlay, sources: number, rng: Rng): number {
  const nodes = Array.from({ length: size }, (_, node) => node)
  shuffle(nodes, rng)
  const queue = new Int32Array(size)
  const distances = new Int32Array(size)
  let sum = 0
  let pairs = 0
  for (const source of nodes.slice(0, sources)) {
    distances.fill(-1)
    distances[source] = 0
    queue[0] = source
    let reached = 1
    for (let head = 0; head < reached; head++) {
      const node = queue[head]!
      for (let at = starts[node]!; at < starts[node + 1]!; at++) {
        const next = targets[at]!
        if (distances[next]! >= 0) continue
        distances[next] = distances[node]! + 1
        sum += distances[next]
        queue[reached++] = next
      }
    }
    pairs += reached - 1
  }
  return sum / pairs
}

/** Returns the sizes of the clusters (components of the undirected overlay), largest first. */
export function clusterSizes({ size, starts, targets }: Overlay): number[] {
  const parents = Int32Array.from({ length: size }, (_, node) => node)
  const find = (node: number): number => {
    let root = node
    while (parents[root] !== root) {
      parents[root] = parents[parents[root]!]!
      root = parents[root]!
    }
    return root
  }
  for (let node = 0; node < size; node++) {
    for (let at = starts[node]!; at < starts[node + 1]!; at++) {
      const one = find(node)
      const other = find(targets[at]!)
      if (one !== other) parents[one] = other
    }
  }
  const sizes = new Int32Array(size)
  for (let node = 0; node < size; node++) sizes[find(node)]!++
  return Array.from(sizes)
    .filter((count) => count > 0)
    .sort((a, b) => b - a)
}
