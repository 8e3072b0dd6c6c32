/** The port that tells a node whom to contact first. */

import type { Address } from '../peer.ts'

/**
 * Asked at start, when the view is empty or has shrunk, and at intervals. May return none (then the node waits to be
 * contacted), may name this node (it is ignored), may fail: that is observed, never fatal.
 */
export interface PeerSource {
  /** Addresses of other nodes, for the caller to keep. `signal` aborts when the answer is no longer wanted. */
  peers(options: { signal: AbortSignal }): Promise<readonly Address[]>
}

/** A peer source that always names the same addresses. */
export function staticPeers(addresses: readonly Address[]): PeerSource {
  const copy = [...addresses]
  return { peers: () => Promise.resolve(copy) }
}
