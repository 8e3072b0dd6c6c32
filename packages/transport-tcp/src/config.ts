/** The options of the TCP transport, their defaults, and their validation. */

import { completeOptions, GossipError, whole, type Rng } from '@rumormill/protocol/plugin'
import { defaultRng, HEADER_BYTES } from '@rumormill/stream-transport'
import { canonicalHost, isUnspecified, parseAddress, type Endpoint } from './address.ts'
import { MAX_HELLO_BYTES } from './hello.ts'

export interface TcpTransportOptions {
  /** The IP address or host name to listen on. Default `127.0.0.1`, so that other machines cannot connect unless you allow it. */
  readonly host?: string
  /** The port to listen on. Default 0: any free port. */
  readonly port?: number
  /**
   * The address that peers dial, if it differs from `host` and the port in use: a string `host:port`, or the part that
   * differs. Its host is required when listening on `0.0.0.0` or `::`, which cannot be dialled.
   */
  readonly advertise?: string | { readonly host?: string; readonly port?: number }
  /**
   * Whether peers may advertise another host than the one they connect from. Default false. Set it to true behind address
   * translation (NAT). Then anyone who can connect can receive messages meant for another address.
   */
  readonly trustAdvertisedHosts?: boolean
  /** The longest message to send and to accept, in bytes. Default 1 MiB. Use one value in the whole group. */
  readonly maxMessageBytes?: number
  readonly limits?: Partial<TcpLimits>
  readonly deadlines?: Partial<TcpDeadlines>
  /** The rng for the jitter of the back-off. Default: seeded by `Math.random`. */
  readonly rng?: Rng
}

/** Limits on what peers can make this node hold. Each except `backOffAddresses` has a counter in `stats().refused`. */
export interface TcpLimits {
  /**
   * Connections that peers opened and whose hello was accepted. Beyond it, the longest-idle connection of the host with the
   * most connections is closed. Default 256.
   */
  readonly inboundConnections: number
  /** Connections that this node opened or is dialling. Beyond it, the longest-idle connection is closed. Default 256. */
  readonly outboundConnections: number
  /** Accepted connections without a hello yet. Beyond it, the oldest of the host with the most is closed. Default 256. */
  readonly pendingConnections: number
  /**
   * Accepted connections from one host (one /64 network of IPv6) without a message after the hello. Connections with messages
   * are not counted, because many nodes may share one address. Beyond it, the oldest is closed; if it is younger than a second,
   * the new one is refused. Default 16.
   */
  readonly connectionsPerHost: number
  /**
   * The same limit for one network (a /24 of IPv4, a /48 of IPv6), except for private networks. Beyond it, one of the host with
   * the most is closed. Default 64.
   */
  readonly connectionsPerNetwork: number
  /**
   * The same limit for the loopback host, where tests and developers run whole groups. Default 512: more than
   * `inboundConnections`, so that connections are evicted before any is refused.
   */
  readonly connectionsPerLoopbackHost: number
  /** Bytes in the send queue of one connection. Default 4 MiB. */
  readonly queuedBytesPerConnection: number
  /** Messages in the send queue of one connection. Default 4096. */
  readonly queuedFramesPerConnection: number
  /** Bytes in all send queues. Beyond it, the connection whose peer has not read for longest is closed. Default 56 MiB. */
  readonly queuedBytes: number
  /** Bytes of half-received messages on all connections. Beyond it, the connection with the oldest is closed. Default 8 MiB. */
  readonly partialBytes: number
  /** Host names of hellos that are looked up at once. Default 16. */
  readonly lookups: number
  /** Addresses remembered as unreachable. Beyond it, the oldest is forgotten. Default 1024. */
  readonly backOffAddresses: number
}

/**
 * How long a peer may take, in milliseconds. One timer checks all deadlines, so each may fire late by up to an eighth of the
 * shortest one, and at most half a second.
 */
export interface TcpDeadlines {
  /** Time for a dialled host to accept the connection. Default 5000. */
  readonly connectMs: number
  /** Time from the connection to the peer's hello. Default 5000. */
  readonly helloMs: number
  /** Time in which at least 1 KiB of a half-received message must arrive. Default 10000. */
  readonly frameMs: number
  /** Time for the network to take a write, or the peer to acknowledge some of it. Default 10000. */
  readonly writeMs: number
  /** Time without a message in either direction after which a connection is closed. Default 120000. */
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
export interface TcpConfig {
  readonly host: string
  readonly port: number
  readonly advertise: Partial<Endpoint>
  readonly trustAdvertisedHosts: boolean
  readonly maxMessageBytes: number
  readonly limits: TcpLimits
  readonly deadlines: TcpDeadlines
  readonly rng: Rng
}

/** The default limits, chosen by those of widely used peers: see `docs/wire-tcp.md`. */
const DEFAULT_LIMITS: TcpLimits = {
  inboundConnections: 256,
  outboundConnections: 256,
  pendingConnections: 256,
  connectionsPerHost: 16,
  connectionsPerNetwork: 64,
  connectionsPerLoopbackHost: 512,
  queuedBytesPerConnection: 4 * 2 ** 20,
  queuedFramesPerConnection: 4096,
  queuedBytes: 56 * 2 ** 20,
  partialBytes: 8 * 2 ** 20,
  lookups: 16,
  backOffAddresses: 1024
}

const DEFAULT_DEADLINES: TcpDeadlines = {
  connectMs: 5000,
  helloMs: 5000,
  frameMs: 10_000,
  writeMs: 10_000,
  idleMs: 120_000,
  silentMs: 3000,
  answerMs: 2000,
  firstBackOffMs: 100,
  longestBackOffMs: 5000
}

/** The longest delay of a timer; longer ones would fire at once. */
const MAX_DEADLINE_MS = 2 ** 31 - 1

const NAMES = [
  'host',
  'port',
  'advertise',
  'trustAdvertisedHosts',
  'maxMessageBytes',
  'limits',
  'deadlines',
  'rng'
]

/** Validates `options` and adds the defaults. Throws one INVALID_CONFIG that lists every reason. */
export function checkOptions(options: TcpTransportOptions): TcpConfig {
  const reasons: string[] = []
  const number = (name: string, value: unknown, lowest: number, highest: number): void => {
    if (Number.isInteger(value) && Number(value) >= lowest && Number(value) <= highest) return
    reasons.push(`${name} must be an integer from ${lowest} to ${highest}, not ${String(value)}`)
  }
  const { host: givenHost = '127.0.0.1' } = options
  const host = typeof givenHost === 'string' ? canonicalHost(givenHost) : undefined
  const port = options.port ?? 0
  const maxMessageBytes = options.maxMessageBytes ?? 2 ** 20
  const limits = completeOptions(
    'limits',
    options.limits,
    DEFAULT_LIMITS,
    whole(1, 2 ** 31),
    reasons
  )
  const deadlines = completeOptions(
    'deadlines',
    options.deadlines,
    DEFAULT_DEADLINES,
    whole(1, MAX_DEADLINE_MS),
    reasons
  )

  if (host === undefined) reasons.push('host must be an IP address or a host name')
  number('port', port, 0, 65_535)
  number('maxMessageBytes', maxMessageBytes, MAX_HELLO_BYTES, 2 ** 30)
  for (const name of ['queuedBytesPerConnection', 'queuedBytes', 'partialBytes'] as const) {
    if (limits[name] < maxMessageBytes + HEADER_BYTES)
      reasons.push(`limits.${name} must be at least maxMessageBytes + ${HEADER_BYTES}`)
  }
  for (const name of Object.keys(options))
    if (!NAMES.includes(name)) reasons.push(`${name} is not an option`)
  const advertise = checkAdvertise(options.advertise, reasons)
  if (host !== undefined && isUnspecified(host) && advertise.host === undefined) {
    reasons.push(`advertise must name a host when host is ${host}, because peers cannot dial that`)
  }
  if (reasons.length > 0) throw new GossipError('INVALID_CONFIG', reasons.join('; '))
  const rng = options.rng ?? defaultRng()
  const trustAdvertisedHosts = options.trustAdvertisedHosts ?? false
  return {
    host: host!,
    port,
    advertise,
    trustAdvertisedHosts,
    maxMessageBytes,
    limits,
    deadlines,
    rng
  }
}

function checkAdvertise(
  advertise: TcpTransportOptions['advertise'],
  reasons: string[]
): Partial<Endpoint> {
  if (advertise === undefined) return {}
  try {
    if (typeof advertise === 'string') return parseAddress(advertise)
    // Either part may be missing: the other is checked together with a placeholder.
    const bracketed =
      advertise.host?.includes(':') === true ? `[${advertise.host}]` : advertise.host
    const endpoint = parseAddress(`${bracketed ?? 'placeholder'}:${advertise.port ?? 1}`)
    return {
      ...(advertise.host === undefined ? {} : { host: endpoint.host }),
      ...(advertise.port === undefined ? {} : { port: endpoint.port })
    }
  } catch (error) {
    reasons.push(`advertise: ${(error as Error).message}`)
    return {}
  }
}
