/** Which of several connections to a peer is the one to keep. */

import type { Connection, Libp2p } from '@libp2p/interface'

/** How long a connection that is not kept may stay: the peer may be about to open a stream on it. */
const GRACE_MS = 2000

/**
 * The connection to write on. Two nodes that dial each other at the same moment get two; both choose the one dialled by
 * the smaller peer id, and so the same.
 */
export function preferred(node: Libp2p, peer: string): Connection | undefined {
  const open = openTo(node, peer)
  const smaller = node.peerId.toString() < peer ? 'outbound' : 'inbound'
  return open.find(({ direction }) => direction === smaller) ?? open[0]
}

/** Closes connections to `peer` that are not the preferred one and that nobody uses any more. */
export function closeSpare(node: Libp2p, peer: string): void {
  const kept = preferred(node, peer)
  for (const connection of openTo(node, peer)) {
    const settled = Date.now() - connection.timeline.open > GRACE_MS
    if (connection !== kept && settled && connection.streams.length === 0)
      void connection.close().catch(() => connection.abort(new Error('spare')))
  }
}

/** Connections to peers that were turned away: they end soon, unless something else uses them. */
const left = new WeakSet<Connection>()

/** `connection` is not one to write on any more. */
export function markLeft(connection: Connection): void {
  left.add(connection)
}

/** The connections to `peer` that are open, without those that were left. */
export function openTo(node: Libp2p, peer: string): Connection[] {
  return node
    .getConnections()
    .filter(
      (each) => each.status === 'open' && each.remotePeer.toString() === peer && !left.has(each)
    )
}
