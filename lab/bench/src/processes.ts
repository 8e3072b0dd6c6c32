/**
 * Measures updates through eight connected nodes, each in its own process: rumormill against js gossipsub, in turns.
 *
 * Run: `node dist/processes.js [--json] [--rounds 5] [--updates 4000]`; row a1m.
 */

import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { messageOf } from '@rumormill/harness/child-process'
import { median } from '@rumormill/harness/quantile'
import { printClaim, rounded } from './claim.ts'
import type { MemberOrder, MemberReport } from './spread/member.ts'
import { NODES, type NodeKind } from './spread/nodes.ts'

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    updates: { type: 'string', default: '4000' }
  }
})

/** The load of the benchmark in one process: 1 KiB, 32 updates under way. */
const LOAD = { bytes: 1024, window: 4 }
/** The share of the updates for each; a slower one needs fewer for a run of the same length. */
const RIVALS = { 'rumormill tcp': 1, 'gossipsub plaintext': 0.25 } as const satisfies Partial<
  Record<NodeKind, number>
>
const REST_MS = 500
const DONE_WITHIN_MS = 60_000

type Rival = keyof typeof RIVALS

interface Figures {
  readonly updatesPerSecond: number
  readonly cpuMicrosPerDelivery: number
}

const rivals = Object.keys(RIVALS) as Rival[]
const rounds: Record<Rival, Figures[]> = { 'rumormill tcp': [], 'gossipsub plaintext': [] }
for (let round = 0; round < Number(values.rounds); round++) {
  for (const kind of rivals)
    rounds[kind].push(
      await measure(kind, Math.ceil((Number(values.updates) * RIVALS[kind]) / NODES))
    )
}
const [ours, theirs] = [medianOf('rumormill tcp'), medianOf('gossipsub plaintext')]
const what = 'updates/s of 1 KiB over TCP, each node a process, times gossipsub plaintext'
printClaim(
  {
    row: 'a1m',
    what,
    figure: ours.updatesPerSecond / theirs.updatesPerSecond,
    better: 'more',
    extreme: 8
  },
  values.json
)

function medianOf(group: Rival): Figures {
  const updatesPerSecond = median(rounds[group].map((figures) => figures.updatesPerSecond))
  const cpuMicrosPerDelivery = median(rounds[group].map((figures) => figures.cpuMicrosPerDelivery))
  if (values.json)
    console.log(
      JSON.stringify({ benchmark: 'processes', group, updatesPerSecond, cpuMicrosPerDelivery })
    )
  else
    console.log(
      `${group}: ${rounded(updatesPerSecond)} updates/s, ${rounded(cpuMicrosPerDelivery)} us of CPU per delivery`
    )
  return { updatesPerSecond, cpuMicrosPerDelivery }
}

/** Measures `count` updates of each node, after as many for the warm-up. */
async function measure(kind: NodeKind, count: number): Promise<Figures> {
  const members = Array.from({ length: NODES }, () =>
    fork(fileURLToPath(new URL('spread/member.js', import.meta.url)))
  )
  const all = <R extends MemberReport['report']>(
    order: MemberOrder,
    expected: R
  ): Promise<Report<R>[]> => Promise.all(members.map((member) => ask(member, order, expected)))
  const contacts: string[] = []
  // Connects them one after the other, each with all before it.
  for (const member of members) {
    const { contact } = await ask(
      member,
      { order: 'start', kind, contacts: [...contacts] },
      'started'
    )
    contacts.push(contact)
  }
  await all({ order: 'connect' }, 'connected')
  await delay(REST_MS)
  await all({ order: 'spread', ...LOAD, count }, 'spread')
  await delay(REST_MS)
  const beganMs = performance.now()
  const spread = await all({ order: 'spread', ...LOAD, count }, 'spread')
  const seconds = (performance.now() - beganMs) / 1000
  await Promise.all(
    members.map(async (member) => {
      member.send({ order: 'stop' } satisfies MemberOrder)
      await once(member, 'exit')
    })
  )
  const cpuMicros = spread.reduce((sum, report) => sum + report.cpuMicros, 0)
  return {
    updatesPerSecond: (NODES * count) / seconds,
    cpuMicrosPerDelivery: cpuMicros / (NODES * count * (NODES - 1))
  }
}

type Report<R> = MemberReport & { readonly report: R }

/** Sends an order; resolves with the member's report. Rejects if there is none in time, as when an update is lost. */
async function ask<R extends MemberReport['report']>(
  member: ChildProcess,
  order: MemberOrder,
  expected: R
): Promise<Report<R>> {
  member.send(order)
  const signal = AbortSignal.timeout(DONE_WITHIN_MS)
  const answer = await messageOf<MemberReport>(member, `a member to report ${expected}`, signal)
  if (answer.report !== expected)
    throw new Error(`a member reported ${answer.report} instead of ${expected}`)
  return answer as Report<R>
}
