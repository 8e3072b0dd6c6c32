/**
 * Updates through eight connected nodes, each in a process of its own: rumormill against js gossipsub, in turns.
 *
 * Run: `node dist/processes.js [--json] [--rounds 5] [--updates 4000]`; row a1m.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { median, printClaim, rounded } from './claim.ts'
import type { MemberOrder, MemberReport } from './spread/member.ts'
import { NODES, type NodeKind } from './spread/nodes.ts'

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '5' },
    updates: { type: 'string', default: '4000' }
  }
})

/** As in one process: 1 KiB, 32 on their way. */
const LOAD = { bytes: 1024, window: 4 }
/** Of the updates; who is slow needs fewer for as long a run. */
const RIVALS = { 'rumormill tcp': 1, 'gossipsub plaintext': 0.25 } as const satisfies Partial<Record<NodeKind, number>>
const REST_MS = 500

type Rival = keyof typeof RIVALS

interface Figures {
  readonly updatesPerSecond: number
  readonly cpuMicrosPerDelivery: number
}

const rivals = Object.keys(RIVALS) as Rival[]
const figures: Record<Rival, Figures[]> = { 'rumormill tcp': [], 'gossipsub plaintext': [] }
for (let round = 0; round < Number(values.rounds); round++) {
  for (const kind of rivals) figures[kind].push(await measure(kind, Math.ceil(Number(values.updates) * RIVALS[kind] / NODES)))
}
const medians = (kind: Rival): Figures => ({
  updatesPerSecond: median(figures[kind].map(({ updatesPerSecond }) => updatesPerSecond)),
  cpuMicrosPerDelivery: median(figures[kind].map(({ cpuMicrosPerDelivery }) => cpuMicrosPerDelivery))
})
for (const group of rivals) {
  const { updatesPerSecond, cpuMicrosPerDelivery } = medians(group)
  if (values.json) console.log(JSON.stringify({ benchmark: 'processes', group, updatesPerSecond, cpuMicrosPerDelivery }))
  else console.log(`${group}: ${rounded(updatesPerSecond)} updates/s, ${rounded(cpuMicrosPerDelivery)} us of CPU per delivery`)
}
const figure = medians('rumormill tcp').updatesPerSecond / medians('gossipsub plaintext').updatesPerSecond
const what = 'updates/s of 1 KiB over TCP, each node a process, times gossipsub plaintext'
printClaim({ row: 'a1m', what, figure, better: 'more', extreme: 8 }, values.json)

/** `count`: updates of each node, after as many again to warm up. */
async function measure(kind: NodeKind, count: number): Promise<Figures> {
  const members = Array.from({ length: NODES }, () => fork(fileURLToPath(new URL('spread/member.js', import.meta.url))))
  const contacts: string[] = []
  // One after the other, each with all before it; Node has read their code meanwhile.
  for (const member of members) {
    const [{ contact }] = await all([member], { order: 'start', kind, contacts: [...contacts] }, 'started')
    contacts.push(contact)
  }
  await all(members, { order: 'connect' }, 'connected')
  await delay(REST_MS)
  await all(members, { order: 'spread', ...LOAD, count }, 'spread')
  await delay(REST_MS)
  const beganMs = performance.now()
  const spread = await all(members, { order: 'spread', ...LOAD, count }, 'spread')
  const seconds = (performance.now() - beganMs) / 1000
  await Promise.all(members.map(async (member) => {
    member.send({ order: 'stop' } satisfies MemberOrder)
    await once(member, 'exit')
  }))
  const cpuMicros = spread.reduce((sum, report) => sum + report.cpuMicros, 0)
  return { updatesPerSecond: NODES * count / seconds, cpuMicrosPerDelivery: cpuMicros / (NODES * count * (NODES - 1)) }
}

/** Gives all an order; resolves with what they report when they have done it. */
function all<R extends MemberReport['report']>(
  members: readonly ChildProcess[], order: MemberOrder, wanted: R
): Promise<[MemberReport & { report: R }, ...(MemberReport & { report: R })[]]> {
  return Promise.all(members.map((member) => new Promise((resolve, reject) => {
    const end = (code: number | null): void => reject(new Error(`a member ended with ${code}`))
    member.once('exit', end)
    member.once('message', (report: MemberReport) => {
      member.off('exit', end)
      if (report.report === wanted) resolve(report)
      else reject(new Error(`a member said ${report.report} for ${wanted}`))
    })
    member.send(order)
  }))) as Promise<[MemberReport & { report: R }, ...(MemberReport & { report: R })[]]>
}
