/** Formats errors for the terminal: what happened, and which option to check. */

import type { GossipError, GossipEvent } from '@rumormill/protocol'

/** An error whose message is already written for the user. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

const ADVICE: Readonly<Record<string, string>> = {
  ADDRESS_UNAVAILABLE: 'choose another address with --listen',
  STORAGE_FAILED: 'check --state',
  INVALID_ADDRESS: 'check --peer',
  INVALID_PEER: 'check --peer',
  OVERLOADED: 'submit more slowly',
  PROTOCOL_MISMATCH: 'all nodes of a group must use the same --network and --codec',
  STORE_FULL: 'try again when some updates have expired',
  UNREACHABLE: 'check --peer, and that the peer runs',
  UPDATE_TOO_LARGE: 'submit a reference to it instead'
}

const COMING_AND_GOING = new Set(['UNREACHABLE', 'CONNECTION_LOST', 'TIMED_OUT'])

// Limits the memory, because a peer can return with new addresses; beyond it, errors may be repeated.
const MAX_REMEMBERED = 1000

/** Returns the text for an error: one line, with the option to change if there is one. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return harmless(String(error))
  const code = 'code' in error ? String(error.code) : ''
  const advice = ADVICE[code]
  return harmless(advice === undefined ? error.message : `${error.message} (${advice})`)
}

/**
 * Returns an observer that reports each failure once per peer and code, not in every round, and again after the peer has sent
 * something. That a peer is unreachable is reported only for `named` peers, because others join and leave.
 */
export function complaints(
  named: readonly string[],
  tell: (complaint: string) => void
): (event: GossipEvent) => void {
  const reported = new Map<string, Set<string>>()
  return (event) => {
    if (event.kind === 'received') reported.delete(event.from)
    if (event.kind !== 'failed' && event.kind !== 'malformed') return
    const peer = (event.kind === 'failed' ? event.peer : event.from) ?? ''
    const error = rootOf(event.error)
    if (COMING_AND_GOING.has(error.code) && peer !== '' && !named.includes(peer)) return
    const codes = reported.get(peer) ?? new Set()
    if (codes.has(error.code)) return
    if (reported.size >= MAX_REMEMBERED) reported.clear()
    reported.set(peer, codes.add(error.code))
    tell(peer === '' ? describe(error) : `${harmless(peer)}: ${describe(error)}`)
  }
}

/** Returns the original error of a back-off, so that it does not count as a new failure. */
function rootOf(error: GossipError): GossipError {
  const { cause } = error
  return cause instanceof Error && cause.name === 'GossipError'
    ? rootOf(cause as GossipError)
    : error
}

/** Removes control characters, lone surrogates and changes of direction from text of peers, to protect the terminal. */
export function harmless(text: string): string {
  return text.replace(/\t/g, ' ').replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, '\uFFFD')
}
