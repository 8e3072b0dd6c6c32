/** How errors are told to people: what happened, and which option to look at. */

import type { GossipError, GossipEvent } from '@rumormill/protocol'

/** An error whose message is already meant for the person at the terminal. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

const ADVICE: Readonly<Record<string, string>> = {
  ADDRESS_UNAVAILABLE: 'choose another address with --listen',
  STORAGE_FAILED: 'check --state',
  INVALID_ADDRESS: 'check --peer',
  INVALID_PEER: 'check --peer',
  OVERLOADED: 'slow down',
  PROTOCOL_MISMATCH: 'all nodes of a group use the same --network and --codec',
  STORE_FULL: 'try again when some updates have expired',
  UNREACHABLE: 'check --peer, and that the peer runs',
  UPDATE_TOO_LARGE: 'spread a pointer to it instead'
}

const COMING_AND_GOING = new Set(['UNREACHABLE', 'CONNECTION_LOST', 'TIMED_OUT'])

// A peer can come back under ever new addresses; beyond this, repeated complaints are the lesser evil.
const MAX_REMEMBERED = 1000

/** What to print for an error: one line, with the option to change where there is one. */
export function describe(error: unknown): string {
  if (!(error instanceof Error)) return harmless(String(error))
  const code = 'code' in error ? String(error.code) : ''
  const advice = ADVICE[code]
  return harmless(advice === undefined ? error.message : `${error.message} (${advice})`)
}

/**
 * An observer's ear for failures: tells each of them once per peer and code, not in every round. A peer that was heard
 * from may be complained about anew. That a peer is not reached is told of the `named` ones only: others come and go.
 */
export function complaints(
  named: readonly string[],
  tell: (complaint: string) => void
): (event: GossipEvent) => void {
  const told = new Map<string, Set<string>>()
  return (event) => {
    if (event.kind === 'received') told.delete(event.from)
    if (event.kind !== 'failed' && event.kind !== 'malformed') return
    const peer = (event.kind === 'failed' ? event.peer : event.from) ?? ''
    const error = rootOf(event.error)
    if (COMING_AND_GOING.has(error.code) && peer !== '' && !named.includes(peer)) return
    const codes = told.get(peer) ?? new Set()
    if (codes.has(error.code)) return
    if (told.size >= MAX_REMEMBERED) told.clear()
    told.set(peer, codes.add(error.code))
    tell(peer === '' ? describe(error) : `${harmless(peer)}: ${describe(error)}`)
  }
}

/** A peer in back-off after a failure is no new failure. */
function rootOf(error: GossipError): GossipError {
  const { cause } = error
  return cause instanceof Error && cause.name === 'GossipError'
    ? rootOf(cause as GossipError)
    : error
}

/** `text` of others without what a terminal would obey: control characters, lone surrogates, changes of direction. */
export function harmless(text: string): string {
  return text.replace(/\t/g, ' ').replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu, '\uFFFD')
}
