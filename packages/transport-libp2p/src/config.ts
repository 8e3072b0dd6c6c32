/** The options of the libp2p transport, their defaults, and their validation. */

import type { Libp2p } from '@libp2p/interface'
import {
  completeOptions,
  GossipError,
  whole,
  type Address,
  type Rng
} from '@rumormill/protocol/plugin'
import { defaultRng } from '@rumormill/stream-transport'

export interface Libp2pTransportOptions {
  /** A started libp2p node. The caller owns it: the transport registers its protocols on it, and never stops it. */
  readonly node: Libp2p
  /**
   * The address that peers dial: a multiaddr that ends in this node's `/p2p/<id>`. Default: the first address that the node
   * listens on, preferably not a loopback address.
   */
  readonly advertise?: Address
  /** The longest message to send and to accept, in bytes. Default 1 MiB. Use one value in the whole group. */
  readonly maxMessageBytes?: number
  readonly limits?: Partial<Libp2pLimits>
  readonly deadlines?: Partial<Libp2pDeadlines>
  /** The rng for the jitter of the back-off. Default: seeded by `Math.random`. */
  readonly rng?: Rng
}

/** Limits on what peers can make this node hold. */
export interface Libp2pLimits {
  /** Peers with a stream. Beyond it, the longest-idle link of the host with the most is closed. Default 512. */
  readonly links: number
  /** Bytes in the send queue of one link. Default 4 MiB. */
  readonly queuedBytesPerConnection: number
  /** Messages in the send queue of one link. Default 4096. */
  readonly queuedFramesPerConnection: number
  /** Bytes in all send queues. Beyond it, the link whose peer has not read for longest is closed. Default 56 MiB. */
  readonly queuedBytes: number
  /** Bytes of half-received messages on all links. Beyond it, the stream with the oldest is closed. Default 8 MiB. */
  readonly partialBytes: number
  /** Streams that one connection may open to this node. Default 4: one, and those that are being closed. */
  readonly inboundStreams: number
  /** Addresses remembered as unreachable. Beyond it, the oldest is forgotten. Default 1024. */
  readonly backOffAddresses: number
}

/** How long a peer may take, in milliseconds. Deadlines are checked four times a second while anything is under way. */
export interface Libp2pDeadlines {
  /** Time for the dial, the handshakes and the stream. Default 10000. */
  readonly connectMs: number
  /** Time from the opening of a stream to its hello. Default 5000. */
  readonly helloMs: number
  /** Time in which at least 1 KiB of a half-received message must arrive. Default 10000. */
  readonly frameMs: number
  /** Time for the network to take a write, or the peer to acknowledge some of it. Default 10000. */
  readonly writeMs: number
  /** Time without a message after which a stream is closed. Default 120000. */
  readonly idleMs: number
  /** Silence after which a peer is pinged, if it is watched or something was sent to it. Default 3000. */
  readonly silentMs: number
  /** Time to answer a ping, at least eight round trips; then the connection is closed. Default 2000. */
  readonly answerMs: number
  /** The pause after the first failed dial; it doubles with each further failure. Default 100. */
  readonly firstBackOffMs: number
  /** The longest pause after failed dials. Default 5000. */
  readonly longestBackOffMs: number
}

/** The complete, validated options. */
export interface Libp2pConfig extends Required<
  Omit<Libp2pTransportOptions, 'advertise' | 'limits' | 'deadlines'>
> {
  readonly advertise: Address | undefined
  readonly limits: Libp2pLimits
  readonly deadlines: Libp2pDeadlines
}

const DEFAULT_LIMITS: Libp2pLimits = {
  links: 512,
  queuedBytesPerConnection: 4 * 2 ** 20,
  queuedFramesPerConnection: 4096,
  queuedBytes: 56 * 2 ** 20,
  partialBytes: 8 * 2 ** 20,
  inboundStreams: 4,
  backOffAddresses: 1024
}

export const DEFAULT_DEADLINES: Libp2pDeadlines = {
  connectMs: 10_000,
  helloMs: 5000,
  frameMs: 10_000,
  writeMs: 10_000,
  idleMs: 120_000,
  silentMs: 3000,
  answerMs: 2000,
  firstBackOffMs: 100,
  longestBackOffMs: 5000
}

/** The upper bound is also the longest delay of a timer. */
const COUNT = whole(1, 2 ** 31 - 1)

const NAMES = ['node', 'advertise', 'maxMessageBytes', 'limits', 'deadlines', 'rng']

/** Validates `options` and adds the defaults. Throws one INVALID_CONFIG that lists every reason. */
export function checkOptions(options: Libp2pTransportOptions): Libp2pConfig {
  const reasons: string[] = []
  const limits = completeOptions('limits', options.limits, DEFAULT_LIMITS, COUNT, reasons)
  const deadlines = completeOptions(
    'deadlines',
    options.deadlines,
    DEFAULT_DEADLINES,
    COUNT,
    reasons
  )
  const maxMessageBytes = options.maxMessageBytes ?? 2 ** 20
  const reason = COUNT(maxMessageBytes)
  if (reason !== undefined) reasons.push(`maxMessageBytes ${reason}`)
  if (typeof options.node?.handle !== 'function')
    reasons.push('node must be a libp2p node, such as await createNode({})')
  for (const name of Object.keys(options))
    if (!NAMES.includes(name)) reasons.push(`${name} is not an option`)
  for (const name of ['queuedBytesPerConnection', 'queuedBytes', 'partialBytes'] as const) {
    if (limits[name] < maxMessageBytes + 4)
      reasons.push(`limits.${name} must be at least maxMessageBytes + 4`)
  }
  if (reasons.length > 0) throw new GossipError('INVALID_CONFIG', reasons.join('; '))
  const rng = options.rng ?? defaultRng()
  return {
    node: options.node,
    advertise: options.advertise,
    maxMessageBytes,
    limits,
    deadlines,
    rng
  }
}
