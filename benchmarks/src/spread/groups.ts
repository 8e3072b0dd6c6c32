/** The groups that are compared: eight connected nodes in one process, over loopback. */
import { setTimeout as delay } from 'node:timers/promises'
import { noise } from '@chainsafe/libp2p-noise'
import { gossipsub, type GossipSub } from '@libp2p/gossipsub'
import { identify } from '@libp2p/identify'
import { plaintext } from '@libp2p/plaintext'
import { tcp } from '@libp2p/tcp'
import { yamux } from '@libp2p/yamux'
import { binaryCodec } from '@rumormill/codec-binary'
import { createGossip, staticPeers, type GossipService, type Transport } from '@rumormill/protocol'
import { standaloneTransport } from '@rumormill/transport-libp2p/node'
import { tcpTransport } from '@rumormill/transport-tcp'
import { createLibp2p } from 'libp2p'

export const NODES = 8

const TOPIC = 'benchmark'
const CONNECTED_WITHIN_MS = 20_000

/** A connected group: `submit` at a node, and every other node calls `heard` with the content. */
export interface Group {
  submit(node: number, content: Uint8Array): Promise<unknown>
  stop(): Promise<unknown>
}

export type Heard = (content: Uint8Array) => void

export type GroupName =
  | 'rumormill tcp' | 'rumormill tcp, rounds of 1 s' | 'gossipsub plaintext'
  | 'rumormill noise' | 'gossipsub noise' | 'gossipsub noise signed'

/** Each by its name. Gossipsub is given what makes it fast: known peers, no limits in its way, signatures where it says so. */
export const GROUPS: Readonly<Record<GroupName, (heard: Heard) => Promise<Group>>> = {
  'rumormill tcp': (heard) => rumormill(heard, tcpTransport),
  /** Gossipsub's heart beats once a second. */
  'rumormill tcp, rounds of 1 s': (heard) => rumormill(heard, tcpTransport, 1000),
  'gossipsub plaintext': (heard) => gossipsubGroup(heard, plaintext, 'StrictNoSign'),
  'rumormill noise': (heard) => rumormill(heard, standaloneTransport),
  'gossipsub noise': (heard) => gossipsubGroup(heard, noise, 'StrictNoSign'),
  'gossipsub noise signed': (heard) => gossipsubGroup(heard, noise, 'StrictSign')
}

async function rumormill(heard: Heard, transport: () => Transport, periodMs?: number): Promise<Group> {
  const pace = periodMs === undefined ? {} : { sampling: { periodMs }, dissemination: { periodMs } }
  const nodes: GossipService[] = []
  for (let n = 0; n < NODES; n++) {
    const gossip = createGossip({
      transport: transport(),
      codec: binaryCodec(),
      peers: staticPeers(n === 0 ? [] : [nodes[0]!.address]),
      handler: { onUpdate: ({ content }) => heard(content) },
      ...pace
    })
    await gossip.start()
    nodes.push(gossip)
  }
  await until(() => nodes.every((gossip) => gossip.peers().length === NODES - 1), CONNECTED_WITHIN_MS)
  await delay(1000)
  return {
    submit: async (node, content) => nodes[node]!.submit(content),
    stop: () => Promise.all(nodes.map((gossip) => gossip.stop()))
  }
}

async function gossipsubGroup(
  heard: Heard, encrypter: typeof noise | typeof plaintext, policy: 'StrictSign' | 'StrictNoSign'
): Promise<Group> {
  const nodes = await Promise.all(Array.from({ length: NODES }, () => createLibp2p({
    addresses: { listen: ['/ip4/127.0.0.1/tcp/0'] },
    transports: [tcp()],
    connectionEncrypters: [encrypter()],
    streamMuxers: [yamux()],
    connectionManager: { inboundConnectionThreshold: 100, maxIncomingPendingConnections: 64 },
    services: {
      identify: identify(),
      pubsub: gossipsub({
        globalSignaturePolicy: policy,
        // Eight nodes on one address would else be taken for one attacker.
        scoreParams: { IPColocationFactorWhitelist: new Set(['127.0.0.1']) }
      })
    }
  })))
  const subs = nodes.map(({ services }) => services.pubsub as GossipSub & { getMeshPeers(topic: string): string[] })
  for (const sub of subs) {
    sub.subscribe(TOPIC)
    sub.addEventListener('message', ({ detail }) => heard(detail.data))
  }
  for (const [n, node] of nodes.entries()) {
    for (const other of nodes.slice(n + 1)) await node.dial(other.getMultiaddrs())
  }
  await until(() => subs.every((sub) => sub.getMeshPeers(TOPIC).length >= 4), CONNECTED_WITHIN_MS)
  await delay(1000)
  return {
    submit: (node, content) => subs[node]!.publish(TOPIC, content),
    stop: () => Promise.all(nodes.map(async (node) => node.stop()))
  }
}

/** Waits until `done`, or for so long; says which. */
export async function until(done: () => boolean, limitMs: number): Promise<boolean> {
  const endMs = performance.now() + limitMs
  while (!done()) {
    if (performance.now() > endMs) return false
    await delay(2)
  }
  return true
}
