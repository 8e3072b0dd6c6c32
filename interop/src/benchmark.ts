/**
 * Eight nodes of the crate against eight of rumormill, at equal periods, on the same work: a burst of updates by all, then
 * a rest with all of them active. Bytes are those of the loopback interface, so nothing else should use it.
 */
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { crateMember, rumormillMember } from './member-process.ts'
import { ROUND_MS, SAMPLING_MS, type Member } from './member.ts'
import { freePort } from './mixed-group.ts'

const NODES = 8
const MEETING_MS = 8 * SAMPLING_MS
const LIMIT_MS = 120_000
const REST_MS = 3000
const LOADS = [[1024, 100], [1024, 1000], [65_536, 100], [16, 10_000]] as const

/** A clock tick of /proc, in microseconds; 100 a second on every Linux that Node runs on. */
const TICK_MICROS = 10_000

const KINDS: Readonly<Record<string, (port: number, contacts: readonly string[]) => Promise<Member>>> = {
  crate: (port, contacts) => crateMember({ port, contacts, expiration: { mode: 'none' } }),
  rumormill: (port, contacts) => rumormillMember({ port, contacts, expiration: { mode: 'none' } }, 'lan')
}

export async function benchmark(json: boolean): Promise<void> {
  if (!json) console.log('| group | load | to all after | updates/s | wire bytes per payload byte | CPU per delivery | idle bytes per node and round | idle CPU per node |\n|---|---|---|---|---|---|---|---|')
  for (const [bytes, updates] of LOADS) for (const kind of Object.keys(KINDS)) await measure(kind, bytes, updates, json)
}

async function measure(kind: string, bytes: number, updates: number, json: boolean): Promise<void> {
  const members: Member[] = []
  for (let n = 0; n < NODES; n++) members.push(await KINDS[kind]!(await freePort(), members.slice(0, 2).map(({ address }) => address)))
  try {
    await delay(MEETING_MS)
    const before = usage(members)
    const beganMs = performance.now()
    for (let n = 0; n < updates; n++) void members[n % NODES]!.submit(contentOf(bytes, n))
    const expected = updates * (NODES - 1)
    const delivered = (): number => members.reduce((sum, member) => sum + member.delivered.size, 0)
    while (delivered() < expected && performance.now() - beganMs < LIMIT_MS) await delay(5)
    const tookMs = performance.now() - beganMs
    const after = usage(members)
    await delay(REST_MS)
    const rest = usage(members)
    print(json, {
      kind, bytes, updates, lost: expected - delivered(), seconds: tookMs / 1000, updatesPerSecond: (1000 * updates) / tookMs,
      wireBytesPerPayloadByte: (after.bytes - before.bytes) / expected / bytes,
      cpuMicrosPerDelivery: (after.cpuMicros - before.cpuMicros) / expected,
      idleBytesPerRound: ((rest.bytes - after.bytes) / NODES / REST_MS) * ROUND_MS,
      idleCpuPercent: (rest.cpuMicros - after.cpuMicros) / NODES / REST_MS / 10
    })
  } finally {
    await Promise.all(members.map((member) => member.kill()))
  }
}

function contentOf(bytes: number, count: number): Uint8Array {
  const content = new Uint8Array(bytes).fill(0xaa)
  new DataView(content.buffer).setUint32(0, count)
  return content
}

function usage(members: readonly Member[]): { bytes: number; cpuMicros: number } {
  const loopback = /lo:\s*(\d+)/.exec(readFileSync('/proc/net/dev', 'utf8'))
  const pids = [...new Set(members.map(({ pid }) => pid))]
  return { bytes: Number(loopback![1]), cpuMicros: pids.reduce((sum, pid) => sum + cpuMicros(pid), 0) }
}

/** Fields 14 and 15 of /proc/PID/stat, after the name in brackets. */
function cpuMicros(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_MICROS
}

function print(json: boolean, row: Record<string, number | string>): void {
  if (json) return console.log(JSON.stringify({ benchmark: 'crate', ...row }))
  const n = (name: string, digits: number): string => Number(row[name]).toFixed(digits)
  const end = row['lost'] === 0 ? `${n('seconds', 2)} s` : `never: ${row['lost']} missing after ${n('seconds', 0)} s`
  console.log(
    `| ${row['kind']} | ${row['updates']} of ${row['bytes']} B | ${end} | ${n('updatesPerSecond', 0)} | ${n('wireBytesPerPayloadByte', 2)} | ` +
      `${n('cpuMicrosPerDelivery', 0)} us | ${n('idleBytesPerRound', 0)} B | ${n('idleCpuPercent', 1)} % |`
  )
}
