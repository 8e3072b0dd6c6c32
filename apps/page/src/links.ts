/** Which lines are drawn between nodes: a part of all views when there are many, chosen so that it stays the same. */

import type { GroupState } from './wire.ts'

/** A pair of numbers, the lower first. */
export type Link = readonly [a: number, b: number]

/** As many nodes whose views are drawn whole. */
export const SMALL_GROUP = 24
/** As many entries of each view are drawn in a larger group. */
export const ENTRIES_DRAWN = 4

/** The nodes to be drawn: the living, and the dead that a living one still has in its view. */
export function visibleNodes({ nodes }: GroupState): number[] {
  const held = new Set(
    nodes
      .filter(({ status }) => status === 'up')
      .flatMap(({ view }) => view.map(([number]) => number))
  )
  return nodes.flatMap(({ status }, number) =>
    status !== 'down' || held.has(number) ? [number] : []
  )
}

/** One line for each pair of which one has the other in its view. */
export function linksOf({ nodes }: GroupState): Link[] {
  const whole = nodes.length <= SMALL_GROUP
  const links = new Map<number, Link>()
  for (const [from, { status, view }] of nodes.entries()) {
    if (status !== 'up') continue
    const entries = view.map(([number]) => number).filter((number) => number >= 0)
    const drawn = whole
      ? entries
      : entries.sort((a, b) => rank(from, a) - rank(from, b)).slice(0, ENTRIES_DRAWN)
    for (const to of drawn) links.set(keyOf(from, to), from < to ? [from, to] : [to, from])
  }
  return [...links.values()]
}

function keyOf(a: number, b: number): number {
  return Math.min(a, b) * 1000 + Math.max(a, b)
}

/** The same for both ends, at all times, and as good as drawn by lot: a line stays as long as the entry does. */
function rank(a: number, b: number): number {
  return Math.imul(keyOf(a, b) ^ 0x5bd1e995, 0x9e3779b1) >>> 0
}
