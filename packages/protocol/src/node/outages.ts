/** Tracks which peers cannot be reached, so that the beginning and the end of an outage are reported, and not each attempt. */

import { setBounded } from '../model/bounded-map.ts'
import type { GossipErrorCode } from '../model/errors.ts'
import type { Address } from '../model/peer.ts'

/**
 * The most peers that are tracked; the one that failed longest ago is forgotten first, and its next failure is reported
 * again.
 */
const MAX_PEERS = 1024

interface Outage {
  /** The error codes reported so far; each is reported once. */
  readonly codes: Set<GossipErrorCode>
  /** Since the last failure: whether the network took a message to the peer, and whether one came from it. */
  isSentTo: boolean
  hasReceived: boolean
}

export class Outages {
  /** The one that has failed longest ago comes first. */
  readonly #outages = new Map<Address, Outage>()
  #isIgnoring = false

  /** Reports no more failures: a node that stops loses peers, often because they stop at the same time. */
  ignore(): void {
    this.#isIgnoring = true
  }

  /** Notes a failed message to `peer`. Returns whether to report it. */
  failed(peer: Address, code: GossipErrorCode): boolean {
    if (this.#isIgnoring) return false
    const outage = this.#outages.get(peer) ?? {
      codes: new Set(),
      isSentTo: false,
      hasReceived: false
    }
    const isNew = !outage.codes.has(code)
    outage.codes.add(code)
    outage.isSentTo = false
    outage.hasReceived = false
    setBounded(this.#outages, peer, outage, MAX_PEERS)
    return isNew
  }

  /** Notes that the network took a message to `peer`. Returns whether that ends an outage. */
  sent(peer: Address): boolean {
    const outage = this.#outages.size === 0 ? undefined : this.#outages.get(peer)
    if (outage === undefined) return false
    outage.isSentTo = true
    return this.#ends(peer, outage)
  }

  /** Notes a message of `peer`. Returns whether that ends an outage. */
  received(peer: Address): boolean {
    const outage = this.#outages.size === 0 ? undefined : this.#outages.get(peer)
    if (outage === undefined) return false
    outage.hasReceived = true
    return this.#ends(peer, outage)
  }

  /** An outage ends when messages pass in both directions: a network may take any message, and a path may work one way only. */
  #ends(peer: Address, { isSentTo, hasReceived }: Outage): boolean {
    return isSentTo && hasReceived && this.#outages.delete(peer)
  }
}
