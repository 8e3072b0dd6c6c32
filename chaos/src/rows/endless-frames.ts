/** Row 14: frames that are too long, announced or not. */

import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { binaryCodec } from '@rumormill/codec-binary'
import { createGossip, staticPeers, type Address, type GossipService } from '@rumormill/protocol'
import { tcpTransport } from '@rumormill/transport-tcp'
import { dial, helloFrame, LABEL, lengthOf, type HostileSocket } from '../hostile-socket.ts'
import { contentOf, numberIn } from '../ledger.ts'
import type { Row, RowOptions, RowResult } from '../row.ts'

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
    // The first wave pays for what the process keeps for good; the attackers live in it, too.
    await wave(victim.address, openings[1]![1], attackers)
    globalThis.gc!()
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
    // One that keeps to the limits is let in, or the closing says nothing.
    const control = dial(victim.address)
    control.socket.write(hello)
    await delay(500)
    if (control.closedMs() !== undefined)
      complaints.push('a client that keeps to the limits was closed too')
    control.socket.destroy()
    globalThis.gc!()
    const grownBytes = process.memoryUsage.rss() - rssBytes
    if (grownBytes > MAX_RSS_GROWTH_BYTES)
      complaints.push(`RSS grew by ${(grownBytes / 2 ** 20).toFixed(1)} MiB`)
    victim.submit(contentOf(7, 64))
    correct.submit(contentOf(8, 64))
    for (let wait = 0; wait < 500 && heard.length < 2; wait++) await delay(10)
    return {
      load: '2 nodes',
      faults: `${attackers} connections of each kind`,
      badInputs: (openings.length + 1) * attackers,
      lost: 2 - new Set(heard).size,
      duplicates: heard.length - new Set(heard).size,
      note: `closed ${slowestMs.toFixed(0)} ms after they connected at the latest; RSS ${(grownBytes / 2 ** 20).toFixed(1)} MiB up`,
      complaints
    }
  } finally {
    await Promise.all([victim.stop(), correct.stop()])
  }
}

/** A node whose handler adds the numbers of updates to `heard`. */
function node(peers: readonly Address[], heard: number[]): GossipService {
  return createGossip({
    transport: tcpTransport(),
    codec: binaryCodec(),
    peerSource: staticPeers(peers),
    preset: 'local',
    handler: { onUpdate: ({ content }) => void heard.push(numberIn(content)) }
  })
}

/** Attackers that have had time; then they are gone, whether or not they were thrown out. */
async function wave(address: string, opening: Buffer, attackers: number): Promise<HostileSocket[]> {
  const sockets = Array.from({ length: attackers }, () => attack(address, opening))
  await delay(1500)
  const seen = sockets.map(({ socket, closedMs }) => ({ socket, closedMs: closedMs() }))
  for (const { socket } of sockets) socket.destroy()
  return seen.map(({ socket, closedMs }) => ({ socket, closedMs: () => closedMs }))
}

/** Says its opening, and then goes on for as long as it may. */
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
  // Being thrown out is what it expects.
  stream().catch(() => {})
  return hostile
}
