/** The captions of the graph: the lines, the spread of an update, and the progress. */

import { hopsOf } from './hops.ts'
import type { GroupState, Spread } from './wire.ts'
import { counted, milliseconds } from './words.ts'

/** Returns the explanation of the lines. */
export function linesCaption(
  lines: number,
  { nodes }: GroupState,
  drawn: number | undefined
): string {
  const living = nodes.filter(({ status }) => status === 'up').length
  const part =
    drawn === undefined
      ? 'a line means that one node has the other in its view'
      : `${drawn} entries of each view`
  return `${counted(living, 'node')} up, ${counted(lines, 'line')}: ${part}`
}

/** Returns the description of the graph for screen readers. */
export function graphLabel({
  nodes,
  lines
}: {
  readonly nodes: number
  readonly lines: number
}): string {
  return `A graph of ${counted(nodes, 'node')} and ${counted(lines, 'line')}; the table of nodes has the same data`
}

export function spreadCaption(spread: Spread): string {
  const { text, origin, arrivals, complete } = spread
  const lastMs = Math.max(0, ...arrivals.map(([, , afterMs]) => afterMs))
  const hops = Math.max(0, ...hopsOf(spread).map(({ hop }) => hop))
  const reach = `from node ${origin} at ${counted(arrivals.length, 'other node')}, ${counted(hops, 'hop')}, ${milliseconds(lastMs)}`
  return `“${text}” ${reach}${complete ? ': all running nodes have it' : ' so far'}.`
}

export function progressCaption({ feeding, progress }: GroupState): string {
  const { delivered, expected, lost, duplicates, p50Ms, p99Ms } = progress
  if (feeding) return `submitting the file: ${delivered}/${expected} delivered`
  return `delivered ${delivered}/${expected}, lost ${lost}, duplicates ${duplicates}, p50 ${p50Ms ?? '–'} ms, p99 ${p99Ms ?? '–'} ms`
}

export function settingsCaption({
  settings: { nodes, transport, codec, preset },
  run
}: GroupState): string {
  return `run ${run}: ${counted(nodes, 'node')}, ${transport}, ${codec}, ${preset}`
}
