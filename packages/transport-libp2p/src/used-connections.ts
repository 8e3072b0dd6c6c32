/** Connections on which a peer has said hello: a stream that is open and silent is no use of a connection. */

import type { Connection } from '@libp2p/interface'

const used = new WeakSet<Connection>()

export function markUsed(connection: Connection): void {
  used.add(connection)
}

/** Whether gossip goes over it, or anything else that the caller's node does. */
export function isUsed(connection: Connection): boolean {
  if (used.has(connection)) return true
  return connection.streams.some(
    ({ protocol }) =>
      protocol !== '' && protocol !== undefined && !protocol.startsWith('/rumormill/')
  )
}
