/** Complete nodes on the memory network in virtual time, and their events. */

import { binaryCodec } from '@rumormill/codec-binary'
import { manualClock, memoryNetwork } from '@rumormill/testkit'
import {
  createGossip,
  staticPeers,
  type GossipEvent,
  type GossipOptions,
  type GossipService,
  type PeerSource,
  type Update
} from '../../src/index.ts'
import { createRng } from '../../src/plugin.ts'

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

/** A group on the memory network in virtual time. A stranger is no node: the test sends messages in its name. */
export function group(seed = 1): {
  clock: ReturnType<typeof manualClock>
  network: ReturnType<typeof memoryNetwork>
  node: (
    address: string,
    peers: readonly string[] | PeerSource,
    changes?: Partial<GossipOptions>
  ) => TestNode
  stranger: (address: string, to: string) => Promise<(message: Uint8Array) => Promise<void>>
} {
  const clock = manualClock()
  const rng = createRng(seed)
  const network = memoryNetwork({ clock, rng: rng.fork(), delayMs: 5 })
  const node = (
    address: string,
    peers: readonly string[] | PeerSource,
    changes: Partial<GossipOptions> = {}
  ): TestNode => {
    const updates: string[] = []
    const events: GossipEvent[] = []
    const gossip = createGossip({
      transport: network.transport(address),
      codec: binaryCodec(),
      peerSource: 'peers' in peers ? peers : staticPeers(peers),
      handler: {
        onUpdate: ({ content }: Update) => void updates.push(new TextDecoder().decode(content))
      },
      clock,
      rng: rng.fork(),
      observe: (event) => void events.push(event),
      ...changes
    })
    return {
      gossip,
      updates,
      events,
      codes: () => events.flatMap((each) => (each.kind === 'failed' ? [each.error.code] : []))
    }
  }
  const stranger = async (
    address: string,
    to: string
  ): Promise<(message: Uint8Array) => Promise<void>> => {
    const transport = network.transport(address)
    await transport.start(
      { receive: () => {}, fail: () => {}, lost: () => {} },
      { protocol: '/rumormill/1/default/binary' }
    )
    return async (message) => {
      await transport.send(to, message, { signal: new AbortController().signal })
      await clock.advance(10)
    }
  }
  return { clock, network, node, stranger }
}

export interface TestNode {
  readonly gossip: GossipService
  readonly updates: string[]
  readonly events: GossipEvent[]
  readonly codes: () => string[]
}

export async function startAll(nodes: readonly TestNode[]): Promise<void> {
  for (const { gossip } of nodes) await gossip.start()
}
