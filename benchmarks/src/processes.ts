/**
 * Updates through eight connected nodes, each in a process of its own: rumormill against js gossipsub, in turns.
 *
 * Run: `node dist/processes.js [--json] [--rounds 5] [--updates 4000]`; row a1m.
 */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { median, printClaim, rounded } from './claim.ts'
import { NUMBERS_PER_MEMBER, type MemberOrder, type MemberReport } from './spread/member.ts'
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
/** Before it is measured; who is slow need not spread all. */
const WARM_UP = { share: 0.5, limitMs: 2000 }
const MEASURED_MS = 4000
const REST_MS = 1000
const RIVALS = ['rumormill tcp', 'gossipsub plaintext'] as const satisfies readonly NodeKind[]

const figures = new Map<NodeKind, Figures[]>(RIVALS.map((kind) => [kind, []]))
for (let round = 0; round < Number(values.rounds); round++) {
  for (const kind of RIVALS) figures.get(kind)!.push(await measure(kind))
}
const [ours, theirs] = RIVALS.map((kind) => {
  const of = (figure: keyof Figures): number => median(figures.get(kind)!.map((each) => each[figure]))
  const medians = { updatesPerSecond: of('updatesPerSecond'), cpuMicrosPerDelivery: of('cpuMicrosPerDelivery') }
  if (values.json) console.log(JSON.stringify({ benchmark: 'processes', group: kind, ...medians }))
  else console.log(`${kind}: ${rounded(medians.updatesPerSecond)} updates/s, ${rounded(medians.cpuMicrosPerDelivery)} us of CPU per delivery`)
  return medians
})
const what = 'updates/s of 1 KiB over TCP, each node a process, times gossipsub plaintext'
printClaim({ row: 'a1m', what, figure: ours!.updatesPerSecond / theirs!.updatesPerSecond, better: 'more', goal: 8, extreme: 20 }, values.json)

interface Figures {
  readonly updatesPerSecond: number
  readonly cpuMicrosPerDelivery: number
}

async function measure(kind: NodeKind): Promise<Figures> {
  const members: ChildProcess[] = []
  const contacts: string[] = []
  for (let n = 0; n < NODES; n++) {
    const member = fork(fileURLToPath(new URL('spread/member.js', import.meta.url)), { serialization: 'advanced' })
    member.on('message', (report: MemberReport) => passOn(report, members))
    members.push(member)
  }
  // One after the other, each with all before it; Node has read their code meanwhile.
  for (const member of members) {
    give(member, { order: 'start', kind, contacts: [...contacts] })
    contacts.push((await reportOf(member, 'started')).contact)
  }
  await all(members, { order: 'connect' }, 'connected')
  await rest()
  const count = Number(values.updates) / NODES
  await all(members, { order: 'spread', ...LOAD, count: Math.round(count * WARM_UP.share), limitMs: WARM_UP.limitMs }, 'spread')
  await rest()
  const beganMs = performance.now()
  const spread = await all(members, { order: 'spread', ...LOAD, count, limitMs: MEASURED_MS }, 'spread')
  const seconds = (performance.now() - beganMs) / 1000
  await Promise.all(members.map(async (member) => {
    give(member, { order: 'stop' })
    await once(member, 'exit')
  }))
  const updates = sum(spread.map((report) => report.updates))
  return { updatesPerSecond: updates / seconds, cpuMicrosPerDelivery: sum(spread.map((report) => report.cpuMicros)) / updates / (NODES - 1) }
}

/** What one has heard goes back to those who have submitted it. */
function passOn(report: MemberReport, members: readonly ChildProcess[]): void {
  if (report.report !== 'heard') return
  const byOrigin = new Map<number, number[]>()
  for (const number of report.numbers) {
    const origin = Math.floor(number / NUMBERS_PER_MEMBER)
    const numbers = byOrigin.get(origin)
    if (numbers === undefined) byOrigin.set(origin, [number])
    else numbers.push(number)
  }
  for (const [origin, numbers] of byOrigin) give(members[origin]!, { order: 'reached', numbers: Uint32Array.from(numbers) })
}

function give(member: ChildProcess, order: MemberOrder): void {
  member.send(order)
}

async function all<R extends MemberReport['report']>(
  members: readonly ChildProcess[], order: MemberOrder, report: R
): Promise<(MemberReport & { report: R })[]> {
  const reports = members.map((member) => reportOf(member, report))
  for (const member of members) give(member, order)
  return Promise.all(reports)
}

function reportOf<R extends MemberReport['report']>(member: ChildProcess, wanted: R): Promise<MemberReport & { report: R }> {
  return new Promise((resolve, reject) => {
    const take = (report: MemberReport): void => {
      if (report.report !== wanted) return
      member.off('message', take)
      resolve(report as MemberReport & { report: R })
    }
    member.on('message', take)
    member.once('exit', (code) => reject(new Error(`a member ended with ${code}`)))
  })
}

function rest(): Promise<void> {
  return new Promise((resolve) => { setTimeout(resolve, REST_MS) })
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
