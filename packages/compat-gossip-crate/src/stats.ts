/** The statistics of the transport. */

/** The reasons why a connection was closed or a message refused: one for each limit and each deadline. */
export type CrateRefusal =
  /** Limits. */
  | 'inbound-full'
  | 'host-full'
  | 'unfinished-full'
  | 'outbound-full'
  | 'waiting-full'
  | 'too-large'
  /** Deadlines. */
  | 'connect-late'
  | 'read-late'
  | 'write-late'
  /** Peers that break the protocol. */
  | 'malformed'
  | 'sender-refused'

/** A snapshot of the transport: current amounts, and refusals since the start. */
export interface CrateStats {
  /** Inbound connections. */
  readonly inbound: number
  /** Bytes of half-received messages. */
  readonly unfinishedBytes: number
  /** Outbound connections. */
  readonly outbound: number
  /** Messages that wait for a connection. */
  readonly waiting: number
  readonly refused: Readonly<Record<CrateRefusal, number>>
}

/** How often each limit and deadline was reached. */
export type Refusals = Record<CrateRefusal, number>

export function noRefusals(): Refusals {
  return {
    'inbound-full': 0,
    'host-full': 0,
    'unfinished-full': 0,
    'outbound-full': 0,
    'waiting-full': 0,
    'too-large': 0,
    'connect-late': 0,
    'read-late': 0,
    'write-late': 0,
    malformed: 0,
    'sender-refused': 0
  }
}
