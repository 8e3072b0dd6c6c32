/** How connections and streams end: the errors, and which endings are no loss. */

import { GossipError } from '@rumormill/protocol'
import { goodbyeText, type GoodbyeReason } from './frame.ts'

/** Returns the message of an error without its code, to become a part of another message. */
export function withoutCode({ code, message }: GossipError): string {
  return message.replace(`${code}: `, '')
}

/** Whether a peer that says so closes what nobody needs at the moment, and may be dialled again when it is needed. */
export function endsInPeace(reason: GoodbyeReason | undefined): boolean {
  return reason === 'full' || reason === 'idle'
}

/** Whether a peer that says so will say it again, however soon it is dialled. */
export function isTurnedAway(reason: GoodbyeReason | undefined): boolean {
  return reason === 'banned' || reason === 'unauthorized' || reason === 'identity-in-use'
}

/** The peer has said why it closes; `what` is a connection or a stream. */
export function farewellError(
  peer: string,
  what: 'connection' | 'stream',
  reason: GoodbyeReason | undefined
): GossipError {
  return new GossipError('CONNECTION_LOST', `${peer} closed the ${what}: ${goodbyeText(reason)}`)
}

/** This node does not deal with the peer, and has told it why. */
export function turnedAwayError(reason: GoodbyeReason): GossipError {
  return new GossipError('CONNECTION_LOST', `it was turned away: ${reason}`)
}

/** The peer answers no ping. */
export function silenceError(peer: string, silentMs: number): GossipError {
  const seconds = (silentMs / 1000).toFixed(1)
  const why = `has been silent for ${seconds} s and answers no ping`
  return new GossipError('UNREACHABLE', `${peer} ${why}`)
}

/** What is written makes no progress. */
export function unreadError(peer: string): GossipError {
  return new GossipError('TIMED_OUT', `${peer} does not read what is sent to it`)
}

/** A message that is half received makes no progress. */
export function unfinishedError(peer: string): GossipError {
  return new GossipError('TIMED_OUT', `${peer} does not go on with a message that it began`)
}

/** What all have queued takes more room than there is. */
export function evictionError(peer: string): GossipError {
  const why = 'has not read for longest of all, and what waits for it needs room'
  return new GossipError('OVERLOADED', `${peer} ${why}`)
}

/** Told once when packets of full size turn out to vanish on the way to a peer. */
export function narrowPathError(peer: string, narrowMs: number): GossipError {
  const minutes = narrowMs / 60_000
  return new GossipError(
    'UNREACHABLE',
    `packets of full size do not reach ${peer}: only small ones are sent for ${minutes} minutes; check the MTU of the path`
  )
}
