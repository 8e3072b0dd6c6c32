/** Through how many hands an update came to each node. */

import type { Spread } from './wire.ts'

export interface Hop {
  readonly node: number
  /** From whom; undefined when that is not known. */
  readonly from: number | undefined
  /** 1: from the node that submitted it. */
  readonly hop: number
}

/** Every arrival with its hop, the nearest first. One whose way is not known counts as one hop. */
export function hopsOf({ origin, arrivals }: Spread): Hop[] {
  const sources = new Map(arrivals.map(([node, from]) => [node, from < 0 ? undefined : from]))
  const hopOf = (node: number): number => {
    let hop = 0
    let at: number | undefined = node
    // A circle cannot be, but what a page is told must not hang it.
    while (at !== undefined && at !== origin && hop <= arrivals.length) {
      at = sources.get(at)
      hop++
    }
    return hop
  }
  return arrivals
    .map(([node]) => ({ node, from: sources.get(node), hop: hopOf(node) }))
    .sort((a, b) => a.hop - b.hop)
}
