/** Two nodes with a proxy before each. */

import { once } from 'node:events'
import { binaryCodec } from '@rumormill/codec-binary'
import { createGossip, staticPeers, type GossipService } from '@rumormill/protocol'
import { createRng } from '@rumormill/protocol/plugin'
import { tcpTransport } from '@rumormill/transport-tcp'
import { expect, test } from 'vitest'
import {
  tcpFaultProxy,
  type ProxyCounts,
  type StreamFaults,
  type TcpFaultProxy
} from '../../../src/node/index.ts'
import { listen, open, quiet, until } from './line.ts'

test('two nodes get along with everything that a bad line does', async () => {
  const heard: string[] = []
  const proxies: TcpFaultProxy[] = []
  // Known by the addresses of proxies only, so that nobody finds a way around.
  const node = async (peers: string[]): Promise<GossipService> => {
    const port = await freePort()
    const proxy = await tcpFaultProxy({ target: `127.0.0.1:${port}`, rng: createRng(port) })
    proxies.push(proxy)
    const gossip = createGossip({
      transport: tcpTransport({ port, advertise: proxy.address, deadlines: { frameMs: 500 } }),
      codec: binaryCodec(),
      peerSource: staticPeers(peers),
      preset: 'local',
      handler: { onUpdate: ({ content }) => void heard.push(new TextDecoder().decode(content)) }
    })
    open.push(() => Promise.all([gossip.stop(), proxy.stop()]))
    await gossip.start()
    return gossip
  }
  const a = await node([])
  const b = await node([a.address])
  await b.ready()
  const total = (count: keyof ProxyCounts): number =>
    proxies.reduce((sum, { counts }) => sum + counts[count], 0)
  const trials: readonly [Partial<StreamFaults>, seen: () => boolean][] = [
    [{ delayMs: { least: 20, most: 40 } }, () => true],
    [{ sliceBytes: 7 }, () => true],
    [{ duplicate: 1 }, () => total('duplicatedFrames') > 5],
    [{ flip: 0.2 }, () => total('flippedBytes') > 2],
    [{ resetAfterBytes: 700 }, () => total('resets') > 2],
    [{ closeAfterBytes: 700, closeDelayMs: 10 }, () => true]
  ]
  for (const [faults, seen] of trials) {
    for (const proxy of proxies) {
      proxy.calm()
      proxy.set(faults)
    }
    a.submit(new TextEncoder().encode(`from a, ${Object.keys(faults)[0]!}`))
    b.submit(new TextEncoder().encode(`from b, ${Object.keys(faults)[0]!}`))
    await quiet(100)
    await until(seen)
  }
  for (const proxy of proxies) proxy.calm()
  await until(() => heard.length === 12)
  await quiet(100)
  expect(new Set(heard).size).toBe(12)
  expect(heard).toHaveLength(12)
})

async function freePort(): Promise<number> {
  const { server, address } = await listen(() => {})
  server.close()
  await once(server, 'close')
  return Number(address.split(':')[1])
}
