/** Computes the hop count of an update at each node. */

import type { Spread } from './wire.ts'

export interface Hop {
  readonly node: number
  /** The node that sent it; undefined when unknown. */
  readonly from: number | undefined
  /** 1 means directly from the submitter. */
  readonly hop: number
}

/** Returns every arrival with its hop count, nearest first. An unknown path counts as one hop. */
export function hopsOf({ origin, arrivals }: Spread): Hop[] {
  const sources = new Map(arrivals.map(([node, from]) => [node, from < 0 ? undefined : from]))
  const hopOf = (node: number): number => {
    let hop = 0
    let at: number | undefined = node
    // There should be no cycle, but invalid data must not block the page.
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
