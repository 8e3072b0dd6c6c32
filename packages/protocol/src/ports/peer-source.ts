/** The port that names the peers to contact first. */

import type { Address } from '../model/peer.ts'

/**
 * Queried at start, when the view is empty or has shrunk, and at intervals. May return no peers (then the node waits to be
 * contacted), may name this node (it is ignored) and may fail: that is reported, never fatal.
 */
export interface PeerSource {
  /** Returns addresses of other nodes; the list belongs to the caller. `signal` aborts when the answer is not needed anymore. */
  peers(options: { signal: AbortSignal }): Promise<readonly Address[]>
}

/** Returns a peer source that always names the same addresses. */
export function staticPeers(addresses: readonly Address[]): PeerSource {
  const copy = [...addresses]
  return { peers: () => Promise.resolve(copy) }
}
