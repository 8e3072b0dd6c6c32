/** The options of the pair, their defaults, and their validation. */

import { completeOptions, GossipError, whole } from '@rumormill/protocol/plugin'

export interface CrateOptions {
  /** The IP address to listen on and to advertise; the crate does not support host names. Default 127.0.0.1. */
  readonly host?: string
  /** The port to listen on. Default 0: any free port. */
  readonly port?: number
  /** Whether to accept a sender address on another host than the message came from. Lets any peer aim answers at any host. */
  readonly trustSender?: boolean
  /** The longest message to read or send, in bytes. Contents take up to twice their size. Default 64 MiB. */
  readonly maxMessageBytes?: number
  /** The most digests or contents in a message; the crate sends all its digests in one. Default 100,000. */
  readonly maxDigests?: number
  /** The most inbound connections; beyond it, the oldest is closed. Default 256. */
  readonly maxInbound?: number
  /** The most inbound connections from one host (one /64 network of IPv6); beyond it, its oldest is closed. Default 64. */
  readonly maxInboundPerHost?: number
  /**
   * The most bytes of half-received messages on all connections; beyond it, the connection with the most is closed. At least
   * `maxMessageBytes`. Default twice that.
   */
  readonly maxUnfinishedBytes?: number
  /** The most outbound connections; beyond it, the oldest is closed. Default 256. */
  readonly maxOutbound?: number
  /** The most outbound connections to one address; further messages to it wait, and delay no others. Default 8. */
  readonly maxOutboundPerPeer?: number
  /** The most messages that wait for a connection to one address; beyond it, `send` rejects with OVERLOADED. Default 256. */
  readonly maxWaitingPerPeer?: number
  /** Milliseconds in which a connection must open. Default 5,000. */
  readonly connectMs?: number
  /** Milliseconds in which a message must be received or sent completely. Default 10,000. */
  readonly messageMs?: number
}

export type Limits = Required<Omit<CrateOptions, 'host' | 'trustSender'>>

type Plain = Omit<Limits, 'port' | 'maxUnfinishedBytes'>

const DEFAULTS: Plain = {
  maxMessageBytes: 64 * 1024 * 1024,
  maxDigests: 100_000,
  maxInbound: 256,
  maxInboundPerHost: 64,
  maxOutbound: 256,
  maxOutboundPerPeer: 8,
  maxWaitingPerPeer: 256,
  connectMs: 5000,
  messageMs: 10_000
}

/** The longest delay of a timer, and more than any message size. */
const MOST = 2 ** 31 - 1

/** Validates the limits and adds the defaults. Throws one INVALID_CONFIG that lists every reason. */
export function limitsOf({
  host: _host,
  trustSender: _trustSender,
  port = 0,
  maxUnfinishedBytes,
  ...plain
}: CrateOptions): Limits {
  const reasons: string[] = []
  const complete = completeOptions('', plain, DEFAULTS, whole(1, MOST), reasons)
  const limits = {
    ...complete,
    port,
    maxUnfinishedBytes: maxUnfinishedBytes ?? 2 * complete.maxMessageBytes
  }
  const noPort = whole(0, 65_535)(port)
  if (noPort !== undefined) reasons.push(`port ${noPort}`)
  const noBudget = whole(limits.maxMessageBytes, 2 * MOST)(limits.maxUnfinishedBytes)
  if (noBudget !== undefined && reasons.length === 0)
    reasons.push(`maxUnfinishedBytes ${noBudget} (maxMessageBytes is ${limits.maxMessageBytes})`)
  if (reasons.length > 0) throw new GossipError('INVALID_CONFIG', reasons.join('; '))
  return limits
}
