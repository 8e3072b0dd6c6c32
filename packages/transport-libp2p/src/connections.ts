/** Chooses which of several connections to a peer to keep. */

import type { Connection, Libp2p } from '@libp2p/interface'

/** How long a spare connection stays open, because the peer may be about to open a stream on it. */
const GRACE_MS = 2000

/**
 * Returns the connection to write on. Two nodes that dial each other at the same moment get two connections; both choose the
 * one that the node with the smaller peer id dialled.
 */
export function preferred(node: Libp2p, peer: string): Connection | undefined {
  const open = openTo(node, peer)
  const smaller = node.peerId.toString() < peer ? 'outbound' : 'inbound'
  return open.find(({ direction }) => direction === smaller) ?? open[0]
}

/** Closes the unused connections to `peer` except the preferred one. */
export function closeSpare(node: Libp2p, peer: string): void {
  const kept = preferred(node, peer)
  for (const connection of openTo(node, peer)) {
    const settled = Date.now() - connection.timeline.open > GRACE_MS
    if (connection !== kept && settled && connection.streams.length === 0)
      void connection.close().catch(() => connection.abort(new Error('spare')))
  }
}

/** Connections to peers that were refused. They close soon, unless something else uses them. */
const left = new WeakSet<Connection>()

/** Excludes `connection` from the ones to write on. */
export function markLeft(connection: Connection): void {
  left.add(connection)
}

/** Returns the open connections to `peer` that {@link markLeft} did not exclude. */
export function openTo(node: Libp2p, peer: string): Connection[] {
  return node
    .getConnections()
    .filter(
      (each) => each.status === 'open' && each.remotePeer.toString() === peer && !left.has(each)
    )
}
