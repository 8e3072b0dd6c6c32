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
  const sources = new Map(arrivals.map(([node, from]) => [node, from]))
  const hopOf = (node: number): number => {
    let hop = 0
    // A circle cannot be, but what a page is told must not hang it.
    for (let at: number | undefined = node; at !== undefined && at !== origin && hop <= arrivals.length; hop++) at = sources.get(at)
    return Math.max(1, hop)
  }
  return arrivals.map(([node, from]) => ({ node, from: from < 0 ? undefined : from, hop: hopOf(node) }))
    .sort((a, b) => a.hop - b.hop)
}
