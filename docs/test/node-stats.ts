/** What `stats()` of a running node tells. */

import { binaryCodec } from '@rumormill/codec-binary'
import { createGossip, staticPeers, type GossipStats } from '@rumormill/protocol'
import { manualClock, memoryNetwork } from '@rumormill/testkit'

export async function nodeStats(): Promise<GossipStats> {
  const clock = manualClock()
  const gossip = createGossip({
    transport: memoryNetwork({ clock }).transport('a'),
    codec: binaryCodec(),
    peerSource: staticPeers([]),
    clock,
    handler: { onUpdate: () => {} }
  })
  await gossip.start()
  const stats = gossip.stats()
  await gossip.stop()
  return stats
}
