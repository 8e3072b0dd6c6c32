/** Row 13: connections that send nothing, or very little, to keep others out. */

import { setTimeout as delay } from 'node:timers/promises'
import { amount, duration, size } from '@rumormill/harness/figure'
import { collectGarbage } from '@rumormill/harness/process-usage'
import { quantile } from '@rumormill/harness/quantile'
import { until } from '@rumormill/harness/until'
import type { TcpTransportOptions } from '@rumormill/transport-tcp'
import { dial, helloFrame, LABEL, lengthOf, type HostileSocket } from '../hostile-socket.ts'
import type { Row, RowResult } from '../row.ts'
import { SocketGroup } from '../socket-group.ts'
import { contentOf } from '../submissions.ts'

const SILENT = 500
const TRICKLING = 50
const HOSTS = 32
const ATTACK_MS = 12_000
/** The deadlines are 5 s for a hello and 10 s for a frame, with a tolerance for a busy machine. */
const MAX_CLOSED_MS = 13_000
const UPDATE_EVERY_MS = 40
const MAX_RSS_BYTES = 32 * 2 ** 20
/** The most by which deliveries may slow down, compared with the slower of before and after. */
const MAX_SLOWER = 3
/** Delays below this may come from other processes; attackers that succeed cost seconds. */
const SMALL_MS = 50

export const slowloris: Row = { number: 13, name: 'slowloris', mode: 'L', run }

async function run(): Promise<RowResult> {
  const group = new SocketGroup()
  const undefended = new SocketGroup()
  const attackers: HostileSocket[] = []
  try {
    await group.join()
    await group.join()
    await undefended.join({ tcp: DEFENCELESS })
    await group.members[1]!.gossip.ready()
    const beforeMs = await exchange(group, ATTACK_MS / 4)
    collectGarbage()
    const rssBytes = process.memoryUsage.rss()
    const [victim, control] = [group, undefended].map(
      ({ members }) => members[0]!.gossip.address
    ) as [string, string]
    attackers.push(...attack(victim, SILENT, TRICKLING))
    const controls = attack(control, 50, 10)
    attackers.push(...controls)
    let mostRssBytes = rssBytes
    const sampling = setInterval(() => {
      mostRssBytes = Math.max(mostRssBytes, process.memoryUsage.rss())
    }, 100)
    const attackedMs = await exchange(group, ATTACK_MS)
    clearInterval(sampling)
    const ofVictim = attackers.slice(0, SILENT + TRICKLING)
    const open = await stillOpen(ofVictim)
    const slowestMs = Math.max(...ofVictim.map(({ closedMs }) => closedMs() ?? 0))
    const controlsOpen = controls.filter(({ closedMs }) => closedMs() === undefined).length
    for (const { socket } of attackers) socket.destroy()
    const quietMs = Math.max(beforeMs, await exchange(group, ATTACK_MS / 4))
    const lost = await group.settle(5000)
    return {
      load: `2 nodes, ${1000 / UPDATE_EVERY_MS} updates/s`,
      faults: `${SILENT} silent connections and ${TRICKLING} of a byte a second, from ${HOSTS} addresses`,
      badInputs: SILENT + TRICKLING,
      lost,
      duplicates: group.duplicates,
      figures: [
        duration('delivery p99', attackedMs),
        duration('unloaded', quietMs),
        duration('slowest to be closed', slowestMs, { limit: MAX_CLOSED_MS }),
        size('RSS grown', mostRssBytes - rssBytes, { limit: MAX_RSS_BYTES }),
        amount('control without deadlines, still open', controlsOpen, { of: controls.length })
      ],
      complaints: [
        ...(open === 0 && slowestMs <= MAX_CLOSED_MS
          ? []
          : [`${open} attackers stay open, the last was closed after ${slowestMs.toFixed(0)} ms`]),
        ...(attackedMs <= Math.max(MAX_SLOWER * quietMs, SMALL_MS)
          ? []
          : ['correct deliveries became slow']),
        ...(mostRssBytes - rssBytes <= MAX_RSS_BYTES ? [] : ['RSS grew']),
        ...(controlsOpen === controls.length ? [] : ['the control run closed attackers as well'])
      ]
    }
  } finally {
    for (const { socket } of attackers) socket.destroy()
    await Promise.all([group.stop(), undefended.stop()])
  }
}

/** Returns how many are still open after the deadlines, with extra time for those that connected late. */
async function stillOpen(attackers: readonly HostileSocket[]): Promise<number> {
  const open = (): number => attackers.filter(({ closedMs }) => closedMs() === undefined).length
  await until(() => open() === 0, MAX_CLOSED_MS, 100)
  return open()
}

const DEFENCELESS: TcpTransportOptions = {
  limits: { pendingConnections: 10_000 },
  deadlines: { helloMs: 600_000, frameMs: 600_000 }
}

/** Runs a correct load for `ms`; returns the delivery time at p99. */
async function exchange(group: SocketGroup, ms: number): Promise<number> {
  const first = group.submitted.length
  const endMs = performance.now() + ms
  while (performance.now() < endMs) {
    group.submit(group.submitted.length % 2, contentOf(0, 64))
    await delay(UPDATE_EVERY_MS)
  }
  await group.settle(5000)
  return quantile(group.delaysMs(first), 0.99)
}

/** Starts attackers of three kinds: silent, slow with the hello, and slow with the rest of a message. */
function attack(address: string, silent: number, trickling: number): HostileSocket[] {
  return Array.from({ length: silent + trickling }, (_, index) => {
    const hostile = dial(address, `127.0.1.${1 + (index % HOSTS)}`)
    const { socket } = hostile
    if (index < silent) return hostile
    const hello = helloFrame(LABEL, `127.0.1.${1 + (index % HOSTS)}:${1000 + index}`)
    const isGreeter = index % 2 === 0
    if (!isGreeter) socket.write(hello)
    const words = isGreeter ? hello : Buffer.concat([lengthOf(1000, 4), Buffer.alloc(1000)])
    let said = 0
    const trickle = (): void => void socket.write(words.subarray(said, ++said))
    trickle()
    const timer = setInterval(trickle, 1000)
    socket.once('close', () => clearInterval(timer))
    return hostile
  })
}
