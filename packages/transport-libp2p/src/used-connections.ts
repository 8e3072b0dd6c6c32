/** Connections on which a peer has said hello: a stream that is open and silent is no use of a connection. */

import type { Connection } from '@libp2p/interface'
import { LABEL_PROTOCOL } from './labels.ts'

const used = new WeakSet<Connection>()

export function markUsed(connection: Connection): void {
  used.add(connection)
}

/** Whether gossip goes over it, or anything else that the caller's node does. */
export function isUsed(connection: Connection): boolean {
  if (used.has(connection)) return true
  return hasStream(connection, (protocol) => !protocol.startsWith('/rumormill/'))
}

/** Whether it carries anything but the streams of `protocol`: another group's, or what the caller's node does. */
export function isUsedByOthers(connection: Connection, protocol: string): boolean {
  return hasStream(connection, (other) => other !== protocol && other !== LABEL_PROTOCOL)
}

/** A stream whose protocol is not agreed on yet is no use of a connection either. */
function hasStream(connection: Connection, isMeant: (protocol: string) => boolean): boolean {
  return connection.streams.some(
    ({ protocol }) => protocol !== '' && protocol !== undefined && isMeant(protocol)
  )
}
