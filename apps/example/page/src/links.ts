/** Chooses the lines between nodes. In large groups only a stable part of the view entries is drawn. */

import type { GroupState } from './wire.ts'

/** A pair of node numbers, the lower one first. */
export type Link = readonly [a: number, b: number]

/** The largest group whose views are drawn completely. */
export const SMALL_GROUP = 24
/** How many entries of each view are drawn in a larger group. */
export const ENTRIES_DRAWN = 4

/** Returns the nodes to draw: live ones, and dead ones that are still in the view of a live one. */
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

/** Returns one line for each pair of nodes of which one has the other in its view. */
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

/** Returns a pseudo-random rank that is symmetric and constant, so that a line stays as long as the entry does. */
function rank(a: number, b: number): number {
  return Math.imul(keyOf(a, b) ^ 0x5bd1e995, 0x9e3779b1) >>> 0
}
