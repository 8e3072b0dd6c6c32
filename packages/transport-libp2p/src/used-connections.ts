/** Tracks the connections on which a hello arrived: an open but silent stream does not count as use. */

import type { Connection } from '@libp2p/interface'
import { LABEL_PROTOCOL } from './labels.ts'

const used = new WeakSet<Connection>()

export function markUsed(connection: Connection): void {
  used.add(connection)
}

/** Returns whether the connection carries gossip, or any other protocol of the caller's node. */
export function isUsed(connection: Connection): boolean {
  if (used.has(connection)) return true
  return hasStream(connection, isForeign)
}

function isForeign(protocol: string): boolean {
  return !protocol.startsWith('/rumormill/')
}

/** Returns whether a hello arrived on the connection, and nothing but gossip uses it. */
export function isOursOnly(connection: Connection): boolean {
  return used.has(connection) && !hasStream(connection, isForeign)
}

/** Returns whether it carries other streams than those of `protocol`: another group's, or of the caller's node. */
export function isUsedByOthers(connection: Connection, protocol: string): boolean {
  return hasStream(connection, (other) => other !== protocol && other !== LABEL_PROTOCOL)
}

/** Returns whether a stream matches. Streams whose protocol is not negotiated yet are ignored. */
function hasStream(connection: Connection, matches: (protocol: string) => boolean): boolean {
  return connection.streams.some(
    ({ protocol }) => protocol !== '' && protocol !== undefined && matches(protocol)
  )
}
