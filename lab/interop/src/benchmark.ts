/**
 * Compares eight nodes of the crate with eight of rumormill, with equal periods and the same work: a burst of updates by all
 * nodes, then a rest with all updates active. Every node is a process. Bytes are those of the loopback interface, so nothing
 * else should use it.
 */

import { availableParallelism } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { crateMember, rumormillMember, type MemberOptions } from './member-process.ts'
import { ROUND_MS, SAMPLING_MS, type Member } from './member.ts'
import { freePorts } from './mixed-group.ts'
import { usage, TICK_MICROS, type Usage } from './usage.ts'

const NODES = 8
const MEETING_MS = 8 * SAMPLING_MS
const LIMIT_MS = 120_000
const REST_MS = 3000

/** Sizes and counts. 10,000 updates of 64 KiB are left out, because the crate sends all requested contents in one message. */
const LOADS = [
  [1024, 100],
  [1024, 1000],
  [1024, 10_000],
  [65_536, 100],
  [65_536, 1000],
  [16, 10_000]
] as const

const GROUPS: Readonly<Record<string, (options: MemberOptions) => Promise<Member>>> = {
  crate: crateMember,
  rumormill: (options) => rumormillMember(options, 'lan'),
  'rumormill, rounds only': (options) => rumormillMember(options, 'rounds')
}

const HEAD =
  '| group | load | to all after | updates/s | wire bytes per payload byte | CPU per delivery | memory per node, peak | idle bytes per node and round | idle CPU per node |'

export async function benchmark(json: boolean): Promise<void> {
  if (!json) console.log(`${HEAD}\n${HEAD.replaceAll(/[^|]+/g, '---')}`)
  for (const [bytes, updates] of LOADS)
    for (const group of Object.keys(GROUPS)) await measure(group, bytes, updates, json)
}

async function measure(
  group: string,
  bytes: number,
  updates: number,
  json: boolean
): Promise<void> {
  const members: Member[] = []
  for (const port of await freePorts(NODES)) {
    const contacts = members.slice(0, 2).map(({ address }) => address)
    members.push(await GROUPS[group]!({ port, contacts, expiration: { mode: 'none' } }))
  }
  try {
    await delay(MEETING_MS)
    const use = (): Usage => usage(members.map(({ pid }) => pid))
    const own = members.map((_, n) => Math.ceil((updates - n) / NODES))
    const waits = await Promise.all(members.map((member, n) => member.silence(updates - own[n]!)))
    const before = use()
    const beganMs = performance.now()
    await Promise.all(members.map((member, n) => member.submitMany(n, own[n]!, NODES, bytes)))
    const all = Promise.all(waits.map(({ reached }) => reached))
    await Promise.race([all, delay(LIMIT_MS, undefined, { ref: false })])
    const tookMs = performance.now() - beganMs
    const after = use()
    await delay(REST_MS)
    const rest = use()
    const delivered = (await Promise.all(members.map((member) => member.count()))).reduce(
      (sum, each) => sum + each,
      0
    )
    const expected = updates * (NODES - 1)
    print(json, {
      group,
      bytes,
      updates,
      lost: expected - delivered,
      seconds: tookMs / 1000,
      updatesPerSecond: (1000 * updates) / tookMs,
      wireBytesPerPayloadByte: (after.wireBytes - before.wireBytes) / expected / bytes,
      cpuMicrosPerDelivery: (after.cpuMicros - before.cpuMicros) / expected,
      cpuResolutionMicros: (availableParallelism() * TICK_MICROS) / expected,
      memoryMib: rest.memoryMib / NODES,
      peakMemoryMib: rest.peakMemoryMib / NODES,
      idleBytesPerRound: ((rest.wireBytes - after.wireBytes) / NODES / REST_MS) * ROUND_MS,
      idleCpuPercent: (rest.cpuMicros - after.cpuMicros) / NODES / REST_MS / 10
    })
  } finally {
    await Promise.all(members.map((member) => member.kill()))
  }
}

function print(json: boolean, row: Record<string, number | string>): void {
  if (json) return console.log(JSON.stringify({ benchmark: 'crate', ...row }))
  const n = (name: string, digits: number): string => Number(row[name]).toFixed(digits)
  const end =
    row['lost'] === 0
      ? `${n('seconds', 2)} s`
      : `never: ${row['lost']} missing after ${n('seconds', 0)} s`
  const cells = [
    row['group'],
    `${row['updates']} of ${row['bytes']} B`,
    end,
    n('updatesPerSecond', 0),
    n('wireBytesPerPayloadByte', 2),
    `${n('cpuMicrosPerDelivery', 0)} ± ${n('cpuResolutionMicros', Number(row['cpuResolutionMicros']) < 1 ? 1 : 0)} us`,
    `${n('memoryMib', 0)} MiB, ${n('peakMemoryMib', 0)} MiB`,
    `${n('idleBytesPerRound', 0)} B`,
    `${n('idleCpuPercent', 1)} %`
  ]
  console.log(`| ${cells.join(' | ')} |`)
}
