/** The scenarios of mixed groups. */

import { setTimeout as delay } from 'node:timers/promises'
import type { Expiration } from '@rumormill/protocol'
import { ROUND_MS, SAMPLING_MS } from './member.ts'
import { type Accepted, MixedGroup } from './mixed-group.ts'

export interface Scenario {
  readonly name: string
  readonly nodesEach: number
  readonly expiration: Expiration
  readonly act: (group: MixedGroup) => Promise<ScenarioResult>
}

export interface ScenarioResult {
  /** The time from the last submission until no update was missing; Infinity if some stayed missing. */
  readonly tookMs: number
  /** Further conditions, besides that every update is delivered once. */
  readonly findings: readonly Finding[]
}

export interface Finding {
  readonly what: string
  readonly expected: number
  readonly found: number
}

const NONE: Expiration = { mode: 'none' }
const KIB = 1024
const KINDS = ['crate', 'rumormill'] as const

/** The time until every node knows nodes of both kinds. */
const MEETING_MS = 6 * SAMPLING_MS
const SETTLE_MS = 60_000
const EXPIRY_MS = 30_000
/** How long expired updates are watched: a repeated delivery would happen in one of these rounds. */
const WATCH_MS = 15 * ROUND_MS
/** How many expired contents are submitted again, at one member of each kind. */
const RESUBMITTED = 10

export const SCENARIOS: readonly Scenario[] = [
  spread('100 updates of 1 B to 64 KiB', 1, 100, 64 * KIB),
  spread('1,000 updates of 1 B to 64 KiB', 3, 1000, 64 * KIB),
  spread('300 updates of 1 B to 64 KiB', 8, 300, 64 * KIB),
  expire('expiry by time, 8 s', { mode: 'duration', ms: 8000 }),
  expire('expiry by pushes, 40', { mode: 'pushCount', count: 40 }),
  crowdOut('expiry by number, 100 + 50 %', { mode: 'mostRecent', count: 100, margin: 0.5 }),
  restart('crate'),
  restart('rumormill')
]

function spread(name: string, nodesEach: number, updates: number, maxBytes: number): Scenario {
  return {
    name,
    nodesEach,
    expiration: NONE,
    act: async (group) => {
      await delay(MEETING_MS)
      await group.submit(updates, 1, maxBytes, 5)
      return { tookMs: await group.settle(SETTLE_MS), findings: [] }
    }
  }
}

/** Checks that all updates expire everywhere, cannot be submitted again, and are not delivered again. */
function expire(name: string, expiration: Expiration): Scenario {
  return {
    name,
    nodesEach: 3,
    expiration,
    act: async (group) => {
      await delay(MEETING_MS)
      const updates = await group.submit(50, 1, KIB, 5)
      const tookMs = await group.settle(SETTLE_MS)
      return {
        tookMs,
        findings: [...(await expired(group, updates)), await resubmitted(group, updates)]
      }
    }
  }
}

/** Submits three batches, of which no two fit into the store: all of the first must expire, none of the last. */
function crowdOut(name: string, expiration: Expiration): Scenario {
  return {
    name,
    nodesEach: 3,
    expiration,
    act: async (group) => {
      await delay(MEETING_MS)
      const batches: (readonly Accepted[])[] = []
      let tookMs = 0
      for (let n = 0; n < 3; n++) {
        batches.push(await group.submit(40, 1, KIB, 5))
        tookMs = await group.settle(SETTLE_MS)
      }
      const gone = await expired(group, batches[0]!)
      const kept = await Promise.all(
        KINDS.map(async (kind): Promise<Finding> => ({
          what: `still active of the last third at ${kind}`,
          expected: batches[2]!.length * group.size(kind),
          found: await group.countStatus(kind, batches[2]!, 'active')
        }))
      )
      return { tookMs, findings: [...gone, ...kept, await resubmitted(group, batches[0]!)] }
    }
  }
}

/** Waits until all of `updates` are expired at every member, then checks that they stay expired. */
async function expired(
  group: MixedGroup,
  updates: readonly Accepted[]
): Promise<readonly Finding[]> {
  const count = (): Promise<readonly Finding[]> =>
    Promise.all(
      KINDS.map(async (kind) => ({
        what: `expired at ${kind}`,
        expected: updates.length * group.size(kind),
        found: await group.countStatus(kind, updates, 'expired')
      }))
    )
  const untilMs = performance.now() + EXPIRY_MS
  let findings = await count()
  while (findings.some(({ expected, found }) => found < expected) && performance.now() < untilMs) {
    await delay(ROUND_MS)
    findings = await count()
  }
  await delay(WATCH_MS)
  // Counts again after the watch.
  return count()
}

async function resubmitted(group: MixedGroup, updates: readonly Accepted[]): Promise<Finding> {
  return {
    what: 'accepted again',
    expected: 0,
    found: await group.resubmit(updates.slice(0, RESUBMITTED))
  }
}

function restart(kind: 'crate' | 'rumormill'): Scenario {
  return {
    name: `a node of ${kind} killed and restarted`,
    nodesEach: 3,
    expiration: NONE,
    act: async (group) => {
      await delay(MEETING_MS)
      await group.submit(50, 1, KIB, 5)
      await group.settle(SETTLE_MS)
      await group.restart(kind, 5 * ROUND_MS)
      await group.submit(50, 1, KIB, 5)
      return { tookMs: await group.settle(SETTLE_MS), findings: [] }
    }
  }
}
