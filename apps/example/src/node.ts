/** Creates a node from a transport, a codec, a peer source and a handler. */

import {
  createGossip,
  staticPeers,
  type GossipOptions,
  type GossipService
} from '@rumormill/protocol'
import type { CodecName, TransportName } from './plugin-names.ts'
import { codecs, transports, type Listen } from './plugins.ts'
import { noTap, type Tap } from './tap.ts'

/** The options that differ between the commands; the others are those of `createGossip`. */
export interface NodeOptions extends Pick<
  GossipOptions,
  'network' | 'preset' | 'peerFinding' | 'store' | 'antiEntropy' | 'storage' | 'observe'
> {
  readonly transport: TransportName
  readonly listen: Listen
  readonly codec: CodecName
  readonly peers: readonly string[]
  readonly onUpdate: GossipOptions['handler']['onUpdate']
  /** Wraps the plugins of the node. Default: none. */
  readonly tap?: Tap
}

/** Creates a node without starting it. */
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
