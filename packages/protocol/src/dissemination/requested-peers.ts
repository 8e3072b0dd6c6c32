/** The peers of which contents are requested or were, bounded: of those with nothing open the longest idle is forgotten. */

import type { Address } from '../peer.ts'
import { RequestedPeer, type RequestedPeerLimits } from './requested-peer.ts'

/** How many idle peers are remembered that have served something, and that have not. Those cannot push out these. */
const MAX_IDLE = 512

export class RequestedPeers {
  readonly #limits: RequestedPeerLimits
  readonly #peers = new Map<Address, RequestedPeer>()
  /** The longest idle first. */
  readonly #idle = new Set<Address>()
  readonly #idleStrangers = new Set<Address>()

  constructor(limits: RequestedPeerLimits) {
    this.#limits = limits
  }

  find(address: Address): RequestedPeer | undefined {
    return this.#peers.get(address)
  }

  /** A peer of which something is about to be wanted. */
  employ(address: Address): RequestedPeer {
    const peer = this.#peers.get(address)
    if (peer !== undefined) {
      if (peer.isIdle) this.#wake(address)
      return peer
    }
    const stranger = new RequestedPeer(address, this.#limits)
    this.#peers.set(address, stranger)
    return stranger
  }

  /** Nothing may be wanted of `peer` any longer: then it is idle. */
  rest(peer: RequestedPeer): void {
    if (!peer.isIdle) return
    this.#wake(peer.address)
    const idle = peer.hasServed ? this.#idle : this.#idleStrangers
    idle.add(peer.address)
    if (idle.size <= MAX_IDLE) return
    const [longest] = idle
    idle.delete(longest!)
    this.#peers.delete(longest!)
  }

  #wake(address: Address): void {
    this.#idle.delete(address)
    this.#idleStrangers.delete(address)
  }
}
