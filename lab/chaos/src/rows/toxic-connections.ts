/** Row 12: connections to some of the nodes have faults; connections that those nodes open do not. */

import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { amount, duration } from '@rumormill/harness/figure'
import { createRng } from '@rumormill/protocol/plugin'
import { randomBytes } from '@rumormill/testkit'
import {
  tcpFaultProxy,
  type ProxyCounts,
  type StreamFaults,
  type TcpFaultProxy
} from '@rumormill/testkit/node'
import type { Row, RowOptions, RowResult } from '../row.ts'
import { SocketGroup } from '../socket-group.ts'

const NODES = 5
/** How many of the nodes are behind a faulty proxy. */
const TOXIC_NODES = 3
const LOAD_MS = 2000
const SETTLE_MS = 30_000

const TOXICS: readonly Partial<StreamFaults>[] = [
  { bytesPerSecond: 10_000 },
  { sliceBytes: 1 },
  { resetAfterBytes: 2000 },
  { closeAfterBytes: 2000, closeDelayMs: 2000 },
  { flip: 0.2 },
  { flipAfterBytes: 1000 },
  { duplicate: 0.5 },
  { delayMs: { least: 200, most: 400 } }
]

export const toxicConnections: Row = { number: 12, name: 'toxic connections', mode: 'L', run }

async function run({ seed, short }: RowOptions): Promise<RowResult> {
  const updates = short ? 10 : 50
  const rng = createRng(seed)
  const group = new SocketGroup()
  const proxies: TcpFaultProxy[] = []
  try {
    for (let node = 0; node < NODES; node++) {
      const port = await freePort()
      const proxy = await tcpFaultProxy({ target: `127.0.0.1:${port}`, rng: rng.fork() })
      proxies.push(proxy)
      await group.join({ tcp: { port, advertise: proxy.address } })
    }
    await delay(1000)
    let [lost, slowestMs] = [0, 0]
    for (const toxic of TOXICS) {
      for (const proxy of proxies.slice(0, TOXIC_NODES)) {
        proxy.set(toxic)
        // Reconnecting nodes get the toxic from the first byte on.
        proxy.reset()
      }
      const startMs = performance.now()
      for (let update = 0; update < updates; update++) {
        group.submit(update % NODES, randomBytes(rng, 512))
        await delay(LOAD_MS / updates)
      }
      lost = await group.settle(SETTLE_MS)
      slowestMs = Math.max(slowestMs, performance.now() - startMs)
      if (lost > 0) break
      for (const proxy of proxies) proxy.calm()
    }
    const { changed } = group
    const total = (count: keyof ProxyCounts): number =>
      proxies.reduce((sum, { counts }) => sum + counts[count], 0)
    const [connections, resets] = [total('connections'), total('resets')]
    const [flippedBytes, duplicatedFrames] = [total('flippedBytes'), total('duplicatedFrames')]
    return {
      load: `${NODES} nodes, ${updates} updates of 512 B per toxic`,
      faults: `${TOXICS.length} toxics before ${TOXIC_NODES} nodes`,
      badInputs: flippedBytes + duplicatedFrames,
      lost,
      duplicates: group.duplicates,
      figures: [
        duration('slowest toxic', slowestMs),
        amount('connections', connections),
        amount('resets', resets),
        amount('bytes flipped', flippedBytes),
        amount('frames doubled', duplicatedFrames),
        amount('contents changed', changed)
      ],
      complaints: [
        ...(changed > 0 ? [`${changed} changed contents were delivered`] : []),
        ...(Math.min(connections, resets, flippedBytes, duplicatedFrames) > 0
          ? []
          : ['a toxic never struck'])
      ]
    }
  } finally {
    await Promise.all([group.stop(), ...proxies.map((proxy) => proxy.stop())])
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
