/** The errors that say why a connection ended. */

import { GossipError, type Address } from '@rumormill/protocol/plugin'
import { unfinishedError, unreadError } from '@rumormill/stream-transport'
import type { Breach, ConnectionState } from './deadlines.ts'
import type { Refusal } from './stats.ts'

/** Returns the error for the sends that wait on an open connection: CONNECTION_LOST, with the reason as its cause. */
export function asLoss(error: GossipError): GossipError {
  // UNREACHABLE already says for how long the peer was silent.
  if (['CONNECTION_LOST', 'UNREACHABLE', 'NOT_RUNNING'].includes(error.code)) return error
  return new GossipError('CONNECTION_LOST', `the connection was closed: ${error.message}`, {
    cause: error
  })
}

/** Returns the message of an error; of an `AggregateError` (several addresses of one name), which has none, the first one's. */
function messageOf(error: Error): string {
  const { errors } = error as AggregateError
  const first: unknown = errors?.[0]
  return error.message === '' && first instanceof Error ? first.message : error.message
}

export function breachError(breach: Exclude<Breach, 'idle'>, peer: string): GossipError {
  switch (breach) {
    case 'connect-late':
      return new GossipError('UNREACHABLE', `${peer} did not accept a connection in time`)
    case 'hello-late':
      return new GossipError('TIMED_OUT', `${peer} sent no hello in time`)
    case 'frame-late':
      return unfinishedError(peer)
    case 'write-late':
      return unreadError(peer)
  }
}

const REFUSALS: { readonly [code: string]: Refusal } = {
  PROTOCOL_MISMATCH: 'other-protocol',
  MALFORMED_MESSAGE: 'malformed',
  MESSAGE_TOO_LARGE: 'too-large',
  OVERLOADED: 'partial-full'
}

/** Returns the counter for an error of reading. */
export function refusalOf(code: string): Refusal {
  return REFUSALS[code] ?? 'malformed'
}

interface Ended {
  readonly address: Address | undefined
  readonly direction: 'inbound' | 'outbound'
  readonly state: ConnectionState
}

/** Returns the error for a connection that this node did not close. */
export function endedError(
  { address, direction, state }: Ended,
  cause: Error | undefined
): GossipError {
  const reason = cause === undefined ? 'it was closed by the peer' : messageOf(cause)
  const why = state === 'greeting' ? `${reason}, before its hello` : reason
  const message = `the connection to ${address ?? 'a peer'} ended: ${why}`
  const unopened = direction === 'outbound' && state !== 'open'
  return new GossipError(unopened ? 'UNREACHABLE' : 'CONNECTION_LOST', message, { cause })
}
