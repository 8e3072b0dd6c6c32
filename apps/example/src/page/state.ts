/** The state of the group in the format of the page. */

import type { NodeState, RunProgress } from '@rumormill/page'
import type { Group, Seat } from '../demo/group.ts'
import type { Run } from '../demo/run.ts'

export function nodeState({ status, life, address, sight }: Seat, group: Group): NodeState {
  const { view, ...counters } = sight ?? NOTHING
  return { ...counters, status, life, address, view: view.flatMap((peer) => entryOf(peer, group)) }
}

/** Returns the progress of a run. Figures that are unknown before the end are 0 or null. */
export function progressOf({ progress, summary }: Run): RunProgress {
  const { connected, updates, submitted, expected, delivered } = progress
  const { lost = 0, duplicates = 0, p50Ms = null, p99Ms = null } = summary ?? {}
  return { connected, updates, submitted, expected, delivered, lost, duplicates, p50Ms, p99Ms }
}

function entryOf(
  { address, age }: { address: string; age: number },
  group: Group
): [number, number][] {
  const number = group.numberOf(address)
  if (number === undefined) return []
  return [[group.seats[number]!.address === address ? number : -1 - number, age]]
}

const NOTHING = {
  view: [],
  waiting: 0,
  sending: 0,
  neighbors: 0,
  updates: 0,
  submitted: 0,
  delivered: 0,
  copies: 0,
  sentMessages: 0,
  sentBytes: 0,
  receivedMessages: 0,
  receivedBytes: 0,
  dropped: 0,
  failed: 0
} as const
