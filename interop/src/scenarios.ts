/** What mixed groups are put through. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Expiration } from '@rumormill/protocol'
import { MixedGroup } from './mixed-group.ts'
import { ROUND_MS, SAMPLING_MS } from './member.ts'

export interface Scenario {
  readonly name: string
  readonly nodesEach: number
  readonly expiration: Expiration
  readonly act: (group: MixedGroup) => Promise<void>
}

const NONE: Expiration = { mode: 'none' }
const KIB = 1024

/** Until everybody knows somebody of either kind. */
const MEETING_MS = 6 * SAMPLING_MS

export const SCENARIOS: readonly Scenario[] = [
  spread('100 updates of 1 B to 64 KiB', 1, 100, 64 * KIB, NONE),
  spread('1,000 updates of 1 B to 64 KiB', 3, 1000, 64 * KIB, NONE),
  spread('300 updates of 1 B to 64 KiB', 8, 300, 64 * KIB, NONE),
  spread('expiry by time, 8 s', 3, 50, KIB, { mode: 'duration', ms: 8000 }),
  spread('expiry by pushes, 40', 3, 50, KIB, { mode: 'pushCount', count: 40 }),
  spread('expiry by number, 200 + 50 %', 3, 100, KIB, { mode: 'mostRecent', count: 200, margin: 0.5 }),
  restart('crate'),
  restart('rumormill')
]

function spread(name: string, nodesEach: number, updates: number, maxBytes: number, expiration: Expiration): Scenario {
  return {
    name, nodesEach, expiration,
    act: async (group) => {
      await delay(MEETING_MS)
      await group.submit(updates, 1, maxBytes, 5)
    }
  }
}

function restart(kind: 'crate' | 'rumormill'): Scenario {
  return {
    name: `a node of ${kind} killed and restarted`, nodesEach: 3, expiration: NONE,
    act: async (group) => {
      await delay(MEETING_MS)
      await group.submit(50, 1, KIB, 5)
      await group.settle(30_000)
      await group.restart(kind, 5 * ROUND_MS)
      await group.submit(50, 1, KIB, 5)
    }
  }
}
