/** Keeps the state of peers from which contents are or were requested. Bounded: the longest idle peers are forgotten. */

import type { Address } from '../model/peer.ts'
import { RequestedPeer, type RequestedPeerLimits } from './requested-peer.ts'

/**
 * The most idle peers that have served, and the most idle strangers. The two are separate, so strangers evict no peer that
 * has served.
 */
const MAX_IDLE = 512

export class RequestedPeers {
  readonly #limits: RequestedPeerLimits
  readonly #peers = new Map<Address, RequestedPeer>()
  /** Idle peers that have served, and strangers; the longest idle come first. */
  readonly #idle = new Set<Address>()
  readonly #idleStrangers = new Set<Address>()

  constructor(limits: RequestedPeerLimits) {
    this.#limits = limits
  }

  find(address: Address): RequestedPeer | undefined {
    return this.#peers.get(address)
  }

  /** Returns the state of a peer from which a content is about to be requested; it is no longer idle. */
  getOrAdd(address: Address): RequestedPeer {
    const peer = this.#peers.get(address)
    if (peer !== undefined) {
      if (peer.isIdle) this.#removeIdle(address)
      return peer
    }
    const added = new RequestedPeer(address, this.#limits)
    this.#peers.set(address, added)
    return added
  }

  /** Marks `peer` as idle if nothing is pending from it. */
  markIdle(peer: RequestedPeer): void {
    if (!peer.isIdle) return
    this.#removeIdle(peer.address)
    const idle = peer.hasServed ? this.#idle : this.#idleStrangers
    idle.add(peer.address)
    if (idle.size <= MAX_IDLE) return
    const [longest] = idle
    idle.delete(longest!)
    this.#peers.delete(longest!)
  }

  #removeIdle(address: Address): void {
    this.#idle.delete(address)
    this.#idleStrangers.delete(address)
  }
}
