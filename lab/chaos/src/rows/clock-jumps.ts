/**
 * Row 25: wall clocks jump, event loops stall, processes are suspended.
 *
 * Only `Date` is shifted: a node has no other access to the wall clock, and the timers of the system use the monotonic clock.
 */

import { setTimeout as delay } from 'node:timers/promises'
import { amount } from '@rumormill/harness/figure'
import { ProcessGroup, PROCESS_ROUND_MS } from '../process-group.ts'
import type { Row, RowOptions, RowResult } from '../row.ts'

const NODES = 6
const NODE_IDS = Array.from({ length: NODES }, (_, node) => node)
const HOUR_MS = 3_600_000
/** Much longer than the row, much shorter than the jumps. */
const UPDATE_MS = 20 * 60_000
/** How long rounds are counted after a standstill; the jitter of a period is a tenth. */
const WATCH_MS = 5 * PROCESS_ROUND_MS
const REGULAR_ROUNDS = Math.ceil(WATCH_MS / (0.9 * PROCESS_ROUND_MS))
const MAX_CATCH_UP = 1
const MOST_ROUNDS = REGULAR_ROUNDS + MAX_CATCH_UP

export const clockJumps: Row = { number: 25, name: 'clock jumps, stalls, suspends', mode: 'L', run }

async function run({ short }: RowOptions): Promise<RowResult> {
  const [stallMs, suspendMs] = short ? [3000, 6000] : [10_000, 60_000]
  const life = {
    options: { store: { expiration: { mode: 'duration', ms: UPDATE_MS } } }
  } as const
  const group = new ProcessGroup(life)
  const control = new ProcessGroup({ ...life, byWallClock: true })
  const complaints: string[] = []
  let controlActive = Infinity
  try {
    await Promise.all([group.start(NODES), control.start(1)])
    await delay(2000)
    control.submit(0)
    await load(group, 1000)
    for (const jumpMs of [HOUR_MS, -2 * HOUR_MS]) {
      // Shifts half of the group, so that nodes with different clocks exchange updates.
      for (const node of NODE_IDS.slice(0, NODES / 2)) group.shift(node, jumpMs)
      control.shift(0, jumpMs)
      await load(group, 1500)
      const { shiftedMs } = await group.pulse(0)
      if (Math.abs(shiftedMs) < 0.9 * HOUR_MS) complaints.push('the wall clock did not move')
      complaints.push(...(await lacks(group, `a jump of ${jumpMs / HOUR_MS} h`)))
      if (jumpMs > 0) controlActive = (await control.pulse(0)).activeUpdates
    }
    if (controlActive > 0) complaints.push('the control that uses the wall clock was not affected')
    group.stall(1, stallMs)
    const afterStall = await roundsAfter(group, 1, () => load(group, stallMs))
    complaints.push(...(await lacks(group, 'the stall')), ...catchUp(afterStall, 'stall'))
    group.signal(2, 'SIGSTOP')
    await load(group, suspendMs)
    group.signal(2, 'SIGCONT')
    const afterSuspend = await roundsAfter(group, 2, () => Promise.resolve())
    complaints.push(...(await lacks(group, 'the suspend')), ...catchUp(afterSuspend, 'suspend'))
    return {
      load: `${NODES} processes, ${group.submitted.length} updates`,
      faults: `wall clocks of half of them +1 h and -2 h, a loop stalled for ${stallMs / 1000} s, a process suspended for ${suspendMs / 1000} s`,
      badInputs: 0,
      lost: group.missing(NODE_IDS, idsOf(group)),
      duplicates: group.duplicates(NODE_IDS),
      figures: [
        amount(`rounds within ${WATCH_MS} ms of the stall`, afterStall, { limit: MOST_ROUNDS }),
        amount(`rounds within ${WATCH_MS} ms of the suspend`, afterSuspend, { limit: MOST_ROUNDS }),
        amount('fewest active updates of a node', Math.min(...(await activeUpdates(group))), {
          of: group.submitted.length
        }),
        amount('control that uses the wall clock, active updates', controlActive)
      ],
      complaints
    }
  } finally {
    await Promise.all([group.stop(), control.stop()])
  }
}

/** Submits an update at one node after the other, for `ms`. */
async function load(group: ProcessGroup, ms: number): Promise<void> {
  for (const endMs = performance.now() + ms; performance.now() < endMs; await delay(100))
    group.submit(group.submitted.length % NODES)
}

/** Returns complaints about updates that are missing, or no longer active, after the fault. */
async function lacks(group: ProcessGroup, after: string): Promise<string[]> {
  const lost = await group.settle(NODE_IDS, idsOf(group), 30_000)
  const expired = (await activeUpdates(group)).filter(
    (active) => active < group.submitted.length
  ).length
  return [
    ...(lost > 0 ? [`${lost} lost after ${after}`] : []),
    ...(expired > 0 ? [`${expired} nodes let updates expire after ${after}`] : [])
  ]
}

async function activeUpdates(group: ProcessGroup): Promise<number[]> {
  const pulses = await Promise.all(NODE_IDS.map((node) => group.pulse(node)))
  return pulses.map((pulse) => pulse.activeUpdates)
}

function idsOf(group: ProcessGroup): number[] {
  return group.submitted.map((_, id) => id)
}

/** Returns a complaint if there were too many rounds after a standstill, or none. */
function catchUp(rounds: number, what: string): string[] {
  if (rounds === 0) return [`no round within ${WATCH_MS} ms of the ${what}`]
  return rounds > MOST_ROUNDS ? [`${rounds} rounds within ${WATCH_MS} ms of the ${what}`] : []
}

/** Returns how many rounds a node starts from the moment in which it resumes. */
async function roundsAfter(
  group: ProcessGroup,
  node: number,
  meanwhile: () => Promise<void>
): Promise<number> {
  await meanwhile()
  // Is answered as soon as the node resumes.
  await group.pulse(node)
  const wokeAtMs = performance.now()
  await delay(WATCH_MS)
  const { roundsMs } = await group.pulse(node)
  // Includes the first turn after the standstill, which came just before the answer.
  const sinceMs = performance.now() - wokeAtMs + PROCESS_ROUND_MS / 2
  return roundsMs.filter((agoMs) => agoMs <= sinceMs).length
}
