/** The whole wiring of a node: transport, codec, peer source and handler. All else in this app is about people. */
import { binaryCodec } from '@rumormill/codec-binary'
import { jsonCodec } from '@rumormill/codec-json'
import { createGossip, staticPeers, type Codec, type GossipOptions, type GossipService } from '@rumormill/protocol'
import { tcpTransport, type TcpTransportOptions } from '@rumormill/transport-tcp'

/** The names that `--codec` takes. */
export const CODEC_NAMES = ['binary', 'json'] as const
export type CodecName = (typeof CODEC_NAMES)[number]

/** What the commands decide, each in its own way; the rest is as in `createGossip`. */
export interface NodeOptions
  extends Pick<GossipOptions, 'network' | 'preset' | 'dissemination' | 'sourcing' | 'observe'> {
  readonly listen: TcpTransportOptions
  readonly codec: CodecName
  readonly peers: readonly string[]
  readonly onUpdate: GossipOptions['handler']['onUpdate']
}

const codecs: Readonly<Record<CodecName, () => Codec>> = { binary: binaryCodec, json: jsonCodec }

/** A node over TCP, not yet started. */
export function createNode({ listen, codec, peers, onUpdate, ...rest }: NodeOptions): GossipService {
  return createGossip({
    transport: tcpTransport(listen),
    codec: codecs[codec](),
    peers: staticPeers(peers),
    handler: { onUpdate },
    ...rest
  })
}
