/** Row 14: frames that are too long or never end. */

import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { binaryCodec } from '@rumormill/codec-binary'
import { duration, size } from '@rumormill/harness/figure'
import { collectGarbage } from '@rumormill/harness/process-usage'
import { until } from '@rumormill/harness/until'
import { createGossip, staticPeers, type Address, type GossipService } from '@rumormill/protocol'
import { tcpTransport } from '@rumormill/transport-tcp'
import { dial, helloFrame, LABEL, lengthOf, type HostileSocket } from '../hostile-socket.ts'
import type { Row, RowOptions, RowResult } from '../row.ts'
import { contentOf, numberIn } from '../submissions.ts'

const MAX_RSS_GROWTH_BYTES = 8 * 2 ** 20

export const endlessFrames: Row = {
  number: 14,
  name: 'frames of 64 MB and without end',
  mode: 'L',
  run
}

async function run({ short }: RowOptions): Promise<RowResult> {
  const attackers = short ? 20 : 100
  const heard: number[] = []
  const victim = node([], heard)
  const correct = node([await victim.start()], heard)
  await correct.start()
  await correct.ready()
  const hello = helloFrame(LABEL, '127.0.0.1:9')
  const openings: readonly (readonly [string, Buffer])[] = [
    ['64 MB before the hello', lengthOf(64 * 2 ** 20, 4)],
    ['64 MB', Buffer.concat([hello, lengthOf(64 * 2 ** 20, 4)])],
    ['2^32 - 1', Buffer.concat([hello, lengthOf(2 ** 32 - 1, 4)])],
    ['no bytes', Buffer.concat([hello, lengthOf(0, 4)])]
  ]
  try {
    // Memory of the first wave does not count: the process, which also runs the attackers, keeps some of it.
    await wave(victim.address, openings[1]![1], attackers)
    collectGarbage()
    const rssBytes = process.memoryUsage.rss()
    const complaints: string[] = []
    let slowestMs = 0
    for (const [name, opening] of openings) {
      const sockets = await wave(victim.address, opening, attackers)
      const open = sockets.filter(({ closedMs }) => closedMs() === undefined)
      slowestMs = Math.max(slowestMs, ...sockets.map(({ closedMs }) => closedMs() ?? 0))
      if (open.length > 0)
        complaints.push(`${open.length} connections that announced ${name} stay open`)
    }
    // The control: a client within the limits must stay connected.
    const control = dial(victim.address)
    control.socket.write(hello)
    await delay(500)
    if (control.closedMs() !== undefined)
      complaints.push('a client within the limits was closed, too')
    control.socket.destroy()
    collectGarbage()
    const grownBytes = process.memoryUsage.rss() - rssBytes
    if (grownBytes > MAX_RSS_GROWTH_BYTES)
      complaints.push(`RSS grew by ${(grownBytes / 2 ** 20).toFixed(1)} MiB`)
    victim.submit(contentOf(7, 64))
    correct.submit(contentOf(8, 64))
    await until(() => heard.length >= 2, 5000)
    return {
      load: '2 nodes',
      faults: `${attackers} connections of each kind`,
      badInputs: (openings.length + 1) * attackers,
      lost: 2 - new Set(heard).size,
      duplicates: heard.length - new Set(heard).size,
      figures: [
        duration('slowest to be closed', slowestMs),
        size('RSS grown', grownBytes, { limit: MAX_RSS_GROWTH_BYTES })
      ],
      complaints
    }
  } finally {
    await Promise.all([victim.stop(), correct.stop()])
  }
}

/** Returns a node whose handler adds the numbers of updates to `heard`. */
function node(peers: readonly Address[], heard: number[]): GossipService {
  return createGossip({
    transport: tcpTransport(),
    codec: binaryCodec(),
    peerSource: staticPeers(peers),
    preset: 'local',
    handler: { onUpdate: ({ content }) => void heard.push(numberIn(content)) }
  })
}

/** Runs attackers for a while, then closes those that the node did not close. */
async function wave(address: string, opening: Buffer, attackers: number): Promise<HostileSocket[]> {
  const sockets = Array.from({ length: attackers }, () => attack(address, opening))
  await delay(1500)
  const seen = sockets.map(({ socket, closedMs }) => ({ socket, closedMs: closedMs() }))
  for (const { socket } of sockets) socket.destroy()
  return seen.map(({ socket, closedMs }) => ({ socket, closedMs: () => closedMs }))
}

/** Sends the opening, and then more bytes until the connection closes. */
function attack(address: string, opening: Buffer): HostileSocket {
  const hostile = dial(address)
  const chunk = Buffer.alloc(16_384)
  const stream = async (): Promise<void> => {
    await once(hostile.socket, 'connect')
    hostile.socket.write(opening)
    while (!hostile.socket.destroyed) {
      if (!hostile.socket.writableNeedDrain) hostile.socket.write(chunk)
      await delay(5)
    }
  }
  // The attacker expects to be closed.
  stream().catch(() => {})
  return hostile
}
