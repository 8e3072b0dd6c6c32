/** The options of the pair, their defaults and their check. */

import { completeOptions, GossipError, whole } from '@rumormill/protocol'

export interface CrateOptions {
  /** The IP address to listen on, and under which others reach this node; the crate knows no names. Default 127.0.0.1. */
  readonly host?: string
  /** Default 0: any free port. */
  readonly port?: number
  /** Answer to whatever address a message names, not only to the host it came from. Lets anyone point us at anyone. */
  readonly trustSender?: boolean
  /** The longest message that is read or sent. Contents take up to twice their bytes. Default 64 MiB. */
  readonly maxMessageBytes?: number
  /** The most digests, or contents, in one message that is read or sent; the crate names all that it has. Default 100,000. */
  readonly maxDigests?: number
  /** Connections that may be open to us at once; beyond, the one open longest goes. Default 256. */
  readonly maxInbound?: number
  /** Of these, from one host (one /64 network of IPv6); beyond, its own that is open longest goes. Default 64. */
  readonly maxInboundPerHost?: number
  /**
   * Bytes held for messages that have not come whole, over all connections; beyond, the connection with the most goes. At
   * least `maxMessageBytes`. Default twice that.
   */
  readonly maxUnfinishedBytes?: number
  /** Connections that we may have open to others at once; beyond, the one open longest goes. Default 256. */
  readonly maxOutbound?: number
  /** Of these, to one address; further messages to it wait, and delay no others. Default 8. */
  readonly maxOutboundPerPeer?: number
  /** Messages that wait for a connection to one address; beyond, `send` rejects with OVERLOADED. Default 256. */
  readonly maxWaitingPerPeer?: number
  /** Milliseconds until a connection must stand. Default 5,000. */
  readonly connectMs?: number
  /** Milliseconds until a message must have come, or gone, whole. Default 10,000. */
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

/** Timers of Node count no further; messages cannot be so long. */
const MOST = 2 ** 31 - 1

/** The numbers in force. Throws INVALID_CONFIG that lists every reason. */
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
