/** The options of the libp2p transport, their defaults and their check. */

import type { Libp2p } from '@libp2p/interface'
import { completeOptions, GossipError, whole, type Address, type Rng } from '@rumormill/protocol'
import { defaultRng } from '@rumormill/stream-transport'

export interface Libp2pTransportOptions {
  /** A started libp2p node. It stays the caller's: the transport adds one protocol to it, and never stops it. */
  readonly node: Libp2p
  /** What others are told to dial: a multiaddr that ends in this node's `/p2p/<id>`. Default: the first it listens on that is not of the loopback host, if there is one. */
  readonly advertise?: Address
  /** The longest message, in bytes. Default 1 MiB; the same for a whole group. */
  readonly maxMessageBytes?: number
  readonly limits?: Partial<Libp2pLimits>
  readonly deadlines?: Partial<Libp2pDeadlines>
  /** Rng for the jitter of the back-off. */
  readonly rng?: Rng
}

/** How much peers can make this node hold. */
export interface Libp2pLimits {
  /** Peers with a stream to or from here. Beyond, the link idle longest goes. Default 512. */
  readonly links: number
  /** Bytes that wait to be taken on one link. Default 4 MiB. */
  readonly queuedBytesPerConnection: number
  /** Messages that wait to be taken on one link. Default 4096. */
  readonly queuedFramesPerConnection: number
  /** Bytes that wait to be taken, over all links. Beyond, the link that has not read for longest is closed. Default 56 MiB. */
  readonly queuedBytes: number
  /** Bytes held for half-received messages, over all links. Beyond, the one begun first pays. Default 8 MiB. */
  readonly partialBytes: number
  /** Streams that one connection may open to us. Default 4: one, and those that are just ending. */
  readonly inboundStreams: number
  /** Addresses remembered as unreachable. Default 1024. */
  readonly backOffAddresses: number
}

/** How long a peer may take, in milliseconds; looked at four times a second. */
export interface Libp2pDeadlines {
  /** For dialling, the handshakes and the stream. Default 10000. */
  readonly connectMs: number
  /** From a stream to its hello. Default 5000. */
  readonly helloMs: number
  /** Without progress of a message that is half received: a KiB of it at least. Default 10000. */
  readonly frameMs: number
  /** Without progress of what is written: for the network to take, or the peer to acknowledge, at most 64 KiB. Default 10000. */
  readonly writeMs: number
  /** Without a message. Default 120000. */
  readonly idleMs: number
  /** Without a word from a peer that is watched, or to which something was sent: then it is pinged. Default 3000. */
  readonly silentMs: number
  /** For the answer to a ping, or eight round trips if that is longer; then the connection is closed. Default 2000. */
  readonly answerMs: number
  /** The first pause after a failed dial; it doubles with each further failure. Default 100. */
  readonly firstBackOffMs: number
  /** The longest such pause. Default 5000. */
  readonly longestBackOffMs: number
}

/** The options, complete and checked. */
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

/** Also the longest time that timers count. */
const COUNT = whole(1, 2 ** 31 - 1)

const NAMES = ['node', 'advertise', 'maxMessageBytes', 'limits', 'deadlines', 'rng']

/** Completes `options`. Throws one INVALID_CONFIG that lists every reason. */
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
      reasons.push(`limits.${name} must have room for one message`)
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
