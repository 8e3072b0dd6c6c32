/**
 * Measures frames of 256 bytes per second over libp2p (TCP, Noise, Yamux): our transport, one `stream.send` per frame, and
 * raw TCP.
 *
 * All alternate in one run, with both ends in one process, so only the ratios are meaningful. Run:
 * `node dist/transport-libp2p.js [--json] [--rounds 5]`.
 */

import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'
import { parseArgs } from 'node:util'
import type { Libp2p } from '@libp2p/interface'
import { median } from '@rumormill/harness/quantile'
import { libp2pTransport } from '@rumormill/transport-libp2p'
import { createNode } from '@rumormill/transport-libp2p/node'
import { printClaim } from './claim.ts'

const FRAME_BYTES = 256
const FRAMES = 30_000
/** Frames queued before the writer waits for the network. */
const BATCH = 256
const PROTOCOL = '/rumormill/1/benchmark/none'
/** The goal: the share of the rate of raw TCP with one write per frame. */
const GOAL = 0.35

/** A path from a writer to a reader. Sends `count` frames and resolves when all have arrived. */
interface Way {
  readonly name: string
  run(count: number): Promise<void>
  stop(): Promise<unknown>
}

const { values } = parseArgs({
  options: { json: { type: 'boolean', default: false }, rounds: { type: 'string', default: '5' } }
})
const ways = [await raw(), await perFrame(), await ours()]
const rates = new Map<string, number[]>(ways.map(({ name }) => [name, []]))
for (const way of ways) await way.run(FRAMES / 10)
for (let round = 0; round < Number(values.rounds); round++) {
  for (const way of ways) {
    const beganMs = performance.now()
    await way.run(FRAMES)
    rates.get(way.name)!.push((FRAMES * 1000) / (performance.now() - beganMs))
  }
}
await Promise.all(ways.map((way) => way.stop()))
print()

/** Returns a counter of bytes, whose `frames` resolves after that many frames. */
function counter(): { add(bytes: number): void; frames(count: number): Promise<void> } {
  let bytes = 0
  let goal = Infinity
  let reached: () => void = () => {}
  return {
    add: (more) => {
      bytes += more
      if (bytes >= goal) reached()
    },
    frames: (count) =>
      new Promise((resolve) => {
        goal = bytes + count * FRAME_BYTES
        reached = resolve
      })
  }
}

async function raw(): Promise<Way> {
  const read = counter()
  const server = createServer((socket) =>
    socket.on('data', (chunk) => read.add(chunk.length))
  ).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const socket = connect({
    port: (server.address() as AddressInfo).port,
    host: '127.0.0.1',
    noDelay: true
  })
  await once(socket, 'connect')
  return {
    name: 'raw TCP, a write per frame',
    run: async (count) => {
      const arrived = read.frames(count)
      for (let frame = 0; frame < count; frame++)
        if (!socket.write(Buffer.alloc(FRAME_BYTES))) await once(socket, 'drain')
      await arrived
    },
    stop: async () => {
      socket.destroy()
      server.close()
    }
  }
}

async function perFrame(): Promise<Way> {
  const read = counter()
  const [a, b] = await pair()
  await b.handle(PROTOCOL, (stream) =>
    stream.addEventListener('message', ({ data }) => read.add(data.byteLength))
  )
  const stream = await a.dialProtocol(b.getMultiaddrs()[0]!, PROTOCOL)
  return {
    name: 'libp2p, stream.send per frame',
    run: async (count) => {
      const arrived = read.frames(count)
      for (let frame = 0; frame < count; frame++) {
        if (!stream.send(new Uint8Array(FRAME_BYTES)))
          await new Promise((resolve) => stream.addEventListener('drain', resolve, { once: true }))
      }
      await arrived
    },
    stop: () => Promise.all([a.stop(), b.stop()])
  }
}

async function ours(): Promise<Way> {
  const read = counter()
  const [a, b] = await pair()
  const [from, to] = [libp2pTransport({ node: a }), libp2pTransport({ node: b })]
  await from.start({ receive: () => {}, fail: () => {}, lost: () => {} }, { protocol: PROTOCOL })
  const address = await to.start(
    { receive: (_, bytes) => read.add(bytes.length), fail: () => {}, lost: () => {} },
    { protocol: PROTOCOL }
  )
  const { signal } = new AbortController()
  return {
    name: 'rumormill over libp2p',
    run: async (count) => {
      const arrived = read.frames(count)
      for (let frame = 0; frame < count; frame++) {
        const taken = from.send(address, new Uint8Array(FRAME_BYTES), { signal })
        if (frame % BATCH === BATCH - 1) await taken
      }
      await arrived
    },
    stop: async () => {
      await Promise.all([from.stop(), to.stop()])
      await Promise.all([a.stop(), b.stop()])
    }
  }
}

async function pair(): Promise<[Libp2p, Libp2p]> {
  return [await createNode(), await createNode()]
}

function print(): void {
  const medians = [...rates].map(([name, each]) => ({
    name,
    framesPerSecond: Math.round(median(each))
  }))
  const [plain, single, batched] = medians.map(({ framesPerSecond }) => framesPerSecond) as [
    number,
    number,
    number
  ]
  const shares = {
    ofRaw: Number((batched / plain).toFixed(2)),
    timesPerFrameSend: Number((batched / single).toFixed(1))
  }
  printClaim(
    {
      row: 'f3l',
      what: 'frames/s of 256 B over transport-libp2p, of raw TCP without encryption',
      figure: batched / plain,
      better: 'more',
      goal: GOAL,
      extreme: 0.5
    },
    values.json
  )
  if (values.json) {
    for (const each of medians)
      console.log(
        JSON.stringify({ benchmark: 'transport-libp2p', frameBytes: FRAME_BYTES, ...each })
      )
    console.log(JSON.stringify({ benchmark: 'transport-libp2p', ...shares, goal: GOAL }))
    return
  }
  for (const { name, framesPerSecond } of medians)
    console.log(`256 B, ${name.padEnd(30)}: ${framesPerSecond} frames/s`)
  console.log(
    `rumormill over libp2p reaches ${shares.ofRaw} of raw TCP (goal ${GOAL}), ${shares.timesPerFrameSend} times a send per frame`
  )
}
