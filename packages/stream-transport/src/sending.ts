/** When a transport takes no message, whatever its peer. */

import { GossipError } from '@rumormill/protocol/plugin'

/** The phases of a transport; each comes at most once. */
export type Life = 'new' | 'starting' | 'running' | 'stopped'

/** Returns the error that rules out sending a message to any peer, if there is one. */
export function sendObjection(
  life: Life,
  bytes: Uint8Array,
  maxMessageBytes: number,
  signal: AbortSignal
): unknown {
  if (life !== 'running') return new GossipError('NOT_RUNNING', 'the transport is not running')
  if (signal.aborted) return signal.reason
  if (bytes.length > maxMessageBytes) {
    return new GossipError(
      'MESSAGE_TOO_LARGE',
      `the message has ${bytes.length} bytes; the limit is ${maxMessageBytes}`
    )
  }
  return bytes.length === 0
    ? new GossipError('MALFORMED_MESSAGE', 'a message must have at least one byte')
    : undefined
}

export function stoppedError(): GossipError {
  return new GossipError('NOT_RUNNING', 'the transport was stopped')
}
