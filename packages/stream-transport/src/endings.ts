/** The errors with which connections and streams end, and which endings do not count as a loss. */

import { GossipError } from '@rumormill/protocol/plugin'
import { goodbyeText, type GoodbyeReason } from './frame.ts'

/** Returns the message of an error without its code, for use inside another message. */
export function withoutCode({ code, message }: GossipError): string {
  return message.replace(`${code}: `, '')
}

/** Returns whether `reason` only ends an unused connection, so that the peer may be dialled again when needed. */
export function endsInPeace(reason: GoodbyeReason | undefined): boolean {
  return reason === 'full' || reason === 'idle'
}

/** Returns whether a peer that gave `reason` will refuse the next dial for the same reason. */
export function isTurnedAway(reason: GoodbyeReason | undefined): boolean {
  return reason === 'banned' || reason === 'unauthorized' || reason === 'identity-in-use'
}

/** Returns the error for a connection or stream that the peer closed with a goodbye. */
export function farewellError(
  peer: string,
  what: 'connection' | 'stream',
  reason: GoodbyeReason | undefined
): GossipError {
  return new GossipError('CONNECTION_LOST', `${peer} closed the ${what}: ${goodbyeText(reason)}`)
}

/** Returns the error for a peer that this node refuses. */
export function turnedAwayError(reason: GoodbyeReason): GossipError {
  return new GossipError('CONNECTION_LOST', `this node refused the peer: ${reason}`)
}

/** Returns the error for a peer that does not answer pings. */
export function silenceError(peer: string, silentMs: number): GossipError {
  const seconds = (silentMs / 1000).toFixed(1)
  const why = `has been silent for ${seconds} s and answers no ping`
  return new GossipError('UNREACHABLE', `${peer} ${why}`)
}

/** Returns the error for a peer that does not read what is sent to it. */
export function unreadError(peer: string): GossipError {
  return new GossipError('TIMED_OUT', `${peer} does not read what is sent to it`)
}

/** Returns the error for a peer that does not continue a half-sent message. */
export function unfinishedError(peer: string): GossipError {
  return new GossipError('TIMED_OUT', `${peer} does not continue a message that it began`)
}

/** Returns the error for a connection that is closed because the send queues of all connections are full. */
export function evictionError(peer: string): GossipError {
  const why = 'has not read for longest, and the send queues of all peers together are full'
  return new GossipError('OVERLOADED', `${peer} ${why}`)
}

/** Returns the error that reports a path to a peer on which full-size packets are lost. */
export function narrowPathError(peer: string, narrowMs: number): GossipError {
  const minutes = narrowMs / 60_000
  return new GossipError(
    'UNREACHABLE',
    `packets of full size do not reach ${peer}: only small ones are sent for ${minutes} minutes; check the MTU of the path`
  )
}
