/** Which peers are known to have an update, so that its digest is not sent to them again. */

import type { Address } from '../model/peer.ts'
import type { DigestKey } from '../model/update.ts'

/** The most updates that are tracked; at least half as many are. The digest of a forgotten one is sent once more. */
const MAX_UPDATES = 4096

/** The most peers noted for one update: more than the neighbors of any sensible degree, so only strangers reach it. */
const MAX_PEERS = 64

/** How one update has spread, as far as this node knows. */
export interface UpdateTrace {
  readonly key: DigestKey
  /** The peers that have it, or were sent its digest or content. */
  readonly peers: Set<Address>
  /** The tree along which it came, or along which it goes. */
  tree: number | undefined
  /** The peer that brought it. */
  from: Address | undefined
  /** Whether it was pushed along its tree: a peer that fetches it then lacks a branch. */
  isPushed: boolean
}

/** Notes that `peer` has the update, as it says itself. */
export function addPeer({ peers }: UpdateTrace, peer: Address): void {
  if (peers.size < MAX_PEERS) peers.add(peer)
}

/** Keeps two generations: when the younger is full, the older is dropped as a whole, which costs nothing per update. */
export class SeenBy {
  #younger = new Map<DigestKey, UpdateTrace>()
  #older = new Map<DigestKey, UpdateTrace>()

  /** Returns the trace of an update, a new one if there is none. */
  of(key: DigestKey): UpdateTrace {
    const found = this.find(key)
    if (found !== undefined) return found
    const trace: UpdateTrace = {
      key,
      peers: new Set(),
      tree: undefined,
      from: undefined,
      isPushed: false
    }
    if (this.#younger.size >= MAX_UPDATES / 2) {
      this.#older = this.#younger
      this.#younger = new Map()
    }
    this.#younger.set(key, trace)
    return trace
  }

  /** Returns the trace of an update, if there is one. */
  find(key: DigestKey): UpdateTrace | undefined {
    return this.#younger.get(key) ?? this.#older.get(key)
  }
}
