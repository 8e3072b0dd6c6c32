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
  /** The most digests, or contents, in one message that is read; the crate names all that it has. Default 100,000. */
  readonly maxDigests?: number
  /** Connections that may be open to us at once; beyond, the one open longest goes. Default 256. */
  readonly maxInbound?: number
  /** Milliseconds until a connection must stand. Default 5,000. */
  readonly connectMs?: number
  /** Milliseconds until a message must have come, or gone, whole. Default 10,000. */
  readonly messageMs?: number
}

export type Limits = Required<Omit<CrateOptions, 'host' | 'trustSender'>>

const DEFAULTS: Limits = {
  port: 0, maxMessageBytes: 64 * 1024 * 1024, maxDigests: 100_000, maxInbound: 256, connectMs: 5000, messageMs: 10_000
}

/** The numbers in force. Throws INVALID_CONFIG that lists every reason. */
export function limitsOf({ host: _host, trustSender: _trustSender, port, ...limits }: CrateOptions): Limits {
  const reasons: string[] = []
  const complete = {
    ...completeOptions('', limits, withoutPort(DEFAULTS), whole(1, 2 ** 31 - 1), reasons),
    ...completeOptions('', port === undefined ? {} : { port }, { port: DEFAULTS.port }, whole(0, 65_535), reasons)
  }
  if (reasons.length > 0) throw new GossipError('INVALID_CONFIG', reasons.join('; '))
  return complete
}

function withoutPort({ port: _port, ...limits }: Limits): Omit<Limits, 'port'> {
  return limits
}
