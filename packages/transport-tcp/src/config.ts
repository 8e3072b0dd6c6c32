/** The options of the TCP transport: their meaning, their defaults, and the one check they all pass. */

import { completeOptions, GossipError, whole, type Rng } from '@rumormill/protocol'
import { defaultRng, HEADER_BYTES } from '@rumormill/stream-transport'
import { canonicalHost, isUnspecified, parseAddress, type Endpoint } from './address.ts'
import { MAX_HELLO_BYTES } from './hello.ts'

export interface TcpTransportOptions {
  /** The address or name to listen on. Default `127.0.0.1`: nothing is put on a network by surprise. */
  readonly host?: string
  /** The port to listen on. Default 0: any free one. */
  readonly port?: number
  /**
   * What others are told to dial, when it is not `host` and the port in use: a text `host:port`, or the part of it that
   * differs. Its host is required when listening on `0.0.0.0` or `::`, which nobody can dial.
   */
  readonly advertise?: string | { readonly host?: string; readonly port?: number }
  /**
   * Whether peers may advertise a host other than the one they connect from. Default false. True is for address
   * translation (NAT); then anyone who can connect can receive what is meant for another address.
   */
  readonly trustAdvertisedHosts?: boolean
  /** The longest message, in bytes: both what `send` takes and what is accepted. Default 1 MiB; the same for a whole group. */
  readonly maxMessageBytes?: number
  readonly limits?: Partial<TcpLimits>
  readonly deadlines?: Partial<TcpDeadlines>
  /** Rng for the jitter of the back-off. Default: seeded by `Math.random`. */
  readonly rng?: Rng
}

/** How much peers can make this node hold. Each but `backOffAddresses` has a counter in `stats().refused`. */
export interface TcpLimits {
  /**
   * Connections that peers opened and that have said hello. Beyond, one goes: of those from the host with the most, the one idle
   * longest. Default 256.
   */
  readonly inboundConnections: number
  /** Connections opened by this node, those being dialled included. Beyond, the one idle longest goes. Default 256. */
  readonly outboundConnections: number
  /** Connections accepted that have not yet said hello. Beyond, the one silent longest goes. Default 64. */
  readonly pendingConnections: number
  /**
   * Connections accepted from one host (one /64 network of IPv6) on which nothing has been said after the hello: many nodes may
   * live behind one address. Default 16.
   */
  readonly connectionsPerHost: number
  /** The same for one network of hosts (a /24 of IPv4, a /48 of IPv6), private networks excepted. Default 64. */
  readonly connectionsPerNetwork: number
  /**
   * The same for the loopback host, where whole groups live in tests and on developers' machines. Default 512: more than
   * inbound connections and pending connections together, so that there the connection idle longest makes room, and nobody is refused.
   */
  readonly connectionsPerLoopbackHost: number
  /** Bytes that wait to be taken on one connection. Default 4 MiB. */
  readonly queuedBytesPerConnection: number
  /** Messages that wait to be taken on one connection. Default 4096. */
  readonly queuedFramesPerConnection: number
  /** Bytes that wait to be taken, over all connections. Beyond, the connection that has not read for longest is closed. Default 56 MiB. */
  readonly queuedBytes: number
  /** Bytes held for half-received messages, over all connections. Beyond, the message begun first pays. Default 8 MiB. */
  readonly partialBytes: number
  /** Host names of hellos being looked up. Default 16. */
  readonly lookups: number
  /** Addresses remembered as unreachable. Beyond, the oldest is forgotten. Default 1024. */
  readonly backOffAddresses: number
}

/**
 * How long a peer may take, in milliseconds. They are looked at by one timer, so they strike up to an eighth of the shortest
 * late, at most half a second.
 */
export interface TcpDeadlines {
  /** For a dialled host to accept. Default 5000. */
  readonly connectMs: number
  /** From a connection to its hello. Default 5000. */
  readonly helloMs: number
  /** Without progress of a message that is half received: a KiB of it at least. Default 10000. */
  readonly frameMs: number
  /** Without progress of what is written: for the network to take, or the peer to acknowledge, at most 64 KiB. Default 10000. */
  readonly writeMs: number
  /** Without a message in either direction. Default 120000. */
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

/** The sources of the defaults: limits of widely used peers, as collected in `docs/wire-tcp.md`. */
const DEFAULT_LIMITS: TcpLimits = {
  inboundConnections: 256,
  outboundConnections: 256,
  pendingConnections: 64,
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

/** The longest that timers count: beyond it they would fire at once. */
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

/** Completes `options`. Throws one INVALID_CONFIG that lists every reason. */
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
      reasons.push(`limits.${name} must have room for one message`)
  }
  for (const name of Object.keys(options))
    if (!NAMES.includes(name)) reasons.push(`${name} is not an option`)
  const advertise = checkAdvertise(options.advertise, reasons)
  if (host !== undefined && isUnspecified(host) && advertise.host === undefined) {
    reasons.push(
      `advertise must name the host that others dial when host is ${host}, which nobody can dial`
    )
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
    // Either part may be left out: the other is checked with a stand-in for it.
    const bracketed =
      advertise.host?.includes(':') === true ? `[${advertise.host}]` : advertise.host
    const endpoint = parseAddress(`${bracketed ?? 'stand-in'}:${advertise.port ?? 1}`)
    return {
      ...(advertise.host === undefined ? {} : { host: endpoint.host }),
      ...(advertise.port === undefined ? {} : { port: endpoint.port })
    }
  } catch (error) {
    reasons.push(`advertise: ${(error as Error).message}`)
    return {}
  }
}
