/** The options of the libp2p transport, their defaults, and their validation. */

import type { Libp2p } from '@libp2p/interface'
import { GossipError, type Address } from '@rumormill/protocol/plugin'
import {
  checkStreamOptions,
  STREAM_DEADLINES,
  STREAM_LIMITS,
  type StreamConfig,
  type StreamDeadlines,
  type StreamLimits,
  type StreamOptions
} from '@rumormill/stream-transport'

export interface Libp2pTransportOptions extends StreamOptions {
  /** A started libp2p node. The caller owns it: the transport registers its protocols on it, and never stops it. */
  readonly node: Libp2p
  /**
   * The address that peers dial: a multiaddr that ends in this node's `/p2p/<id>`. Default: the first address that the node
   * listens on, preferably not a loopback address.
   */
  readonly advertise?: Address
  readonly limits?: Partial<Libp2pLimits>
  readonly deadlines?: Partial<Libp2pDeadlines>
}

/** Limits on what peers can make this node hold. A connection is here a link: the streams of one peer. */
export interface Libp2pLimits extends StreamLimits {
  /** Peers with a stream. Beyond it, the longest-idle link of the host with the most is closed. Default 512. */
  readonly links: number
  /** Streams that one connection may open to this node. Default 4: one, and those that are being closed. */
  readonly inboundStreams: number
}

export interface Libp2pDeadlines extends StreamDeadlines {
  /** Time for the dial, the handshakes and the stream. Default 10000. */
  readonly connectMs: number
}

/** The complete, validated options. */
export interface Libp2pConfig extends StreamConfig {
  readonly node: Libp2p
  readonly advertise: Address | undefined
  readonly limits: Libp2pLimits
  readonly deadlines: Libp2pDeadlines
}

export const DEFAULT_DEADLINES: Libp2pDeadlines = { ...STREAM_DEADLINES, connectMs: 10_000 }

const OWN = {
  limits: { ...STREAM_LIMITS, links: 512, inboundStreams: 4 },
  deadlines: DEFAULT_DEADLINES,
  names: ['node', 'advertise'],
  leastMessageBytes: 1
}

/** Validates `options` and adds the defaults. Throws one INVALID_CONFIG that lists every reason. */
export function checkOptions(options: Libp2pTransportOptions): Libp2pConfig {
  const reasons: string[] = []
  const shared = checkStreamOptions<Libp2pLimits, Libp2pDeadlines>(options, OWN, reasons)
  if (typeof options.node?.handle !== 'function')
    reasons.push('node must be a libp2p node, such as await createNode({})')
  if (reasons.length > 0) throw new GossipError('INVALID_CONFIG', reasons.join('; '))
  return { ...shared, node: options.node, advertise: options.advertise }
}
