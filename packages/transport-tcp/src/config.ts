/** The options of the TCP transport, their defaults, and their validation. */

import { GossipError } from '@rumormill/protocol/plugin'
import {
  checkStreamOptions,
  STREAM_DEADLINES,
  STREAM_LIMITS,
  type StreamConfig,
  type StreamDeadlines,
  type StreamLimits,
  type StreamOptions
} from '@rumormill/stream-transport'
import { canonicalHost, isUnspecified, parseAddress, type Endpoint } from './address.ts'
import { MAX_HELLO_BYTES } from './hello.ts'

export interface TcpTransportOptions extends StreamOptions {
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
  readonly limits?: Partial<TcpLimits>
  readonly deadlines?: Partial<TcpDeadlines>
}

/** Limits on what peers can make this node hold. Each except `backOffAddresses` has a counter in `stats().refused`. */
export interface TcpLimits extends StreamLimits {
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
  /** Host names of hellos that are looked up at once. Default 16. */
  readonly lookups: number
}

export interface TcpDeadlines extends StreamDeadlines {
  /** Time for a dialled host to accept the connection. Default 5000. */
  readonly connectMs: number
}

/** The complete, validated options. */
export interface TcpConfig extends StreamConfig {
  readonly host: string
  readonly port: number
  readonly advertise: Partial<Endpoint>
  readonly trustAdvertisedHosts: boolean
  readonly limits: TcpLimits
  readonly deadlines: TcpDeadlines
}

/** The default limits, chosen by those of widely used peers: see `docs/wire-tcp.md`. */
const DEFAULT_LIMITS: TcpLimits = {
  ...STREAM_LIMITS,
  inboundConnections: 256,
  outboundConnections: 256,
  pendingConnections: 256,
  connectionsPerHost: 16,
  connectionsPerNetwork: 64,
  connectionsPerLoopbackHost: 512,
  lookups: 16
}

const OWN = {
  limits: DEFAULT_LIMITS,
  deadlines: { ...STREAM_DEADLINES, connectMs: 5000 },
  names: ['host', 'port', 'advertise', 'trustAdvertisedHosts'],
  leastMessageBytes: MAX_HELLO_BYTES
}

/** Validates `options` and adds the defaults. Throws one INVALID_CONFIG that lists every reason. */
export function checkOptions(options: TcpTransportOptions): TcpConfig {
  const reasons: string[] = []
  const shared = checkStreamOptions<TcpLimits, TcpDeadlines>(options, OWN, reasons)
  const { host: givenHost = '127.0.0.1', port = 0, trustAdvertisedHosts = false } = options
  const host = typeof givenHost === 'string' ? canonicalHost(givenHost) : undefined
  if (host === undefined) reasons.push('host must be an IP address or a host name')
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    reasons.push(`port must be an integer from 0 to 65535, not ${String(port)}`)
  const advertise = checkAdvertise(options.advertise, reasons)
  if (host !== undefined && isUnspecified(host) && advertise.host === undefined) {
    reasons.push(`advertise must name a host when host is ${host}, because peers cannot dial that`)
  }
  if (reasons.length > 0) throw new GossipError('INVALID_CONFIG', reasons.join('; '))
  return { ...shared, host: host!, port, advertise, trustAdvertisedHosts }
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
