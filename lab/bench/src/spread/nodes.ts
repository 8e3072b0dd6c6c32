/** Creates nodes of each compared kind, connected with the nodes that were started before. */

import { noise } from '@chainsafe/libp2p-noise'
import { gossipsub, type GossipSub } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import { plaintext } from '@libp2p/plaintext'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { multiaddr } from '@multiformats/multiaddr'
import { binaryCodec } from '@rumormill/codec-binary'
import { createGossip, staticPeers, type Transport } from '@rumormill/protocol'
import { standaloneTransport } from '@rumormill/transport-libp2p/node'
import { tcpTransport } from '@rumormill/transport-tcp'
import { createLibp2p } from 'libp2p'

/** The number of nodes in a group. */
export const NODES = 8

const TOPIC = 'benchmark'
/** The least number of links in the mesh of gossipsub. */
const MESH_PEERS = 4

/** A node. After `submit`, every other node calls `heard` with the content. */
export interface SpreadNode {
  /** The address for other nodes. */
  readonly contact: string
  /** Returns whether it has enough links for a group of {@link NODES}. */
  isConnected(): boolean
  submit(content: Uint8Array): Promise<unknown>
  stop(): Promise<unknown>
}

export type Heard = (content: Uint8Array) => void

export type NodeKind =
  | 'rumormill tcp'
  | 'rumormill tcp, rounds of 1 s'
  | 'gossipsub plaintext'
  | 'rumormill noise'
  | 'gossipsub noise'
  | 'gossipsub noise signed'

/** Creates a node of each kind. Gossipsub gets its fastest configuration: direct peers, no limits, and signatures only where named. */
export const KINDS: Readonly<
  Record<NodeKind, (heard: Heard, contacts: readonly string[]) => Promise<SpreadNode>>
> = {
  'rumormill tcp': (heard, contacts) => rumormillNode(heard, contacts, tcpTransport()),
  /** The heartbeat of gossipsub also has a period of one second. */
  'rumormill tcp, rounds of 1 s': (heard, contacts) =>
    rumormillNode(heard, contacts, tcpTransport(), 1000),
  'gossipsub plaintext': (heard, contacts) =>
    gossipsubNode(heard, contacts, plaintext, 'StrictNoSign'),
  'rumormill noise': (heard, contacts) => rumormillNode(heard, contacts, standaloneTransport()),
  'gossipsub noise': (heard, contacts) => gossipsubNode(heard, contacts, noise, 'StrictNoSign'),
  'gossipsub noise signed': (heard, contacts) => gossipsubNode(heard, contacts, noise, 'StrictSign')
}

async function rumormillNode(
  heard: Heard,
  contacts: readonly string[],
  transport: Transport,
  periodMs?: number
): Promise<SpreadNode> {
  const gossip = createGossip({
    transport,
    codec: binaryCodec(),
    peerSource: staticPeers(contacts.slice(0, 1)),
    handler: { onUpdate: ({ content }) => heard(content) },
    ...(periodMs === undefined ? {} : { membership: { periodMs }, antiEntropy: { periodMs } })
  })
  return {
    contact: await gossip.start(),
    isConnected: () => gossip.peers().length === NODES - 1,
    submit: async (content) => gossip.submit(content),
    stop: () => gossip.stop()
  }
}

async function gossipsubNode(
  heard: Heard,
  contacts: readonly string[],
  encrypter: typeof noise | typeof plaintext,
  policy: 'StrictSign' | 'StrictNoSign'
): Promise<SpreadNode> {
  const node = await createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [encrypter()],
    streamMuxers: [yamux()],
    connectionManager: { inboundConnectionThreshold: 100, maxIncomingPendingConnections: 64 },
    services: {
      identify: identify(),
      pubsub: gossipsub({
        globalSignaturePolicy: policy,
        // Otherwise eight nodes on one address would count as one attacker.
        scoreParams: { IPColocationFactorWhitelist: new Set(['127.0.0.1']) }
      })
    }
  })
  const sub = node.services.pubsub as GossipSub & { getMeshPeers(topic: string): string[] }
  sub.subscribe(TOPIC)
  sub.addEventListener('message', ({ detail }) => heard(detail.data))
  for (const contact of contacts) await node.dial(multiaddr(contact))
  return {
    contact: node.getMultiaddrs()[0]!.toString(),
    isConnected: () => sub.getMeshPeers(TOPIC).length >= MESH_PEERS,
    submit: (content) => sub.publish(TOPIC, content),
    stop: async () => node.stop()
  }
}
