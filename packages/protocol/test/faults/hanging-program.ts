/** A program whose handler, validator and peer source hang; it stops its nodes and has nothing left to do. */

import { binaryCodec } from '@rumormill/codec-binary'
import {
  createGossip,
  staticPeers,
  type GossipOptions,
  type GossipService
} from '@rumormill/protocol'
import { memoryNetwork } from '@rumormill/testkit'

const never = (): Promise<never> => new Promise(() => {})
const network = memoryNetwork()

async function start(address: string, options: Partial<GossipOptions>): Promise<GossipService> {
  const gossip = createGossip({
    transport: network.transport(address),
    codec: binaryCodec(),
    peerSource: staticPeers(['source']),
    handler: { onUpdate: () => {} },
    preset: 'local',
    ...options
  })
  await gossip.start()
  return gossip
}

const source = await start('source', {})
const nodes = [
  await start('handler', { handler: { onUpdate: never } }),
  await start('validator', { validate: never }),
  await start('peers', { peerSource: { peers: never } })
]
await Promise.all(nodes.slice(0, 2).map((node) => node.ready()))
source.submit(new Uint8Array([1]))
await new Promise((resolve) => void setTimeout(resolve, 1000))
await Promise.all([source, ...nodes].map((node) => node.stop({ graceMs: 0 })))
process.stdout.write('stopped')
