/** The whole wiring of a node: transport, codec, peer source and handler. All else in this app is about people. */

import {
  createGossip,
  staticPeers,
  type GossipOptions,
  type GossipService
} from '@rumormill/protocol'
import type { CodecName, TransportName } from './plugin-names.ts'
import { codecs, transports, type Listen } from './plugins.ts'
import { noTap, type Tap } from './tap.ts'

/** What the commands decide, each in its own way; the rest is as in `createGossip`. */
export interface NodeOptions extends Pick<
  GossipOptions,
  'network' | 'preset' | 'peerFinding' | 'store' | 'antiEntropy' | 'storage' | 'observe'
> {
  readonly transport: TransportName
  readonly listen: Listen
  readonly codec: CodecName
  readonly peers: readonly string[]
  readonly onUpdate: GossipOptions['handler']['onUpdate']
  /** Who looks on. Default: nobody. */
  readonly tap?: Tap
}

/** A node, not yet started. */
export function createNode(options: NodeOptions): GossipService {
  const { transport, listen, codec, peers, onUpdate, tap = noTap, ...rest } = options
  return createGossip({
    transport: tap.transport(transports[transport](listen)),
    codec: tap.codec(codecs[codec]()),
    peerSource: staticPeers(peers),
    handler: { onUpdate },
    ...rest
  })
}
