/** Which peers cannot be reached now, so that it is told when that begins and when it ends, and not for each attempt. */

import type { GossipErrorCode } from '../errors.ts'
import type { Address } from '../peer.ts'

/** Of how many peers it is remembered; the first of them are told once more if they are tried again. */
const MAX_PEERS = 1024

interface Outage {
  /** Each is told once. */
  readonly codes: Set<GossipErrorCode>
  /** Since the last failure: whether the network took a message to it, and whether one came from it. */
  isSentTo: boolean
  isHeard: boolean
}

export class Outages {
  /** The one that has failed longest ago comes first. */
  readonly #outages = new Map<Address, Outage>()
  #isBanned = false

  /** From now on nothing is new: a node that leaves loses peers, often because they leave with it. */
  ignore(): void {
    this.#isBanned = true
  }

  /** A message to `peer` failed. Returns whether that is new. */
  failed(peer: Address, code: GossipErrorCode): boolean {
    if (this.#isBanned) return false
    const outage = this.#outages.get(peer) ?? { codes: new Set(), isSentTo: false, isHeard: false }
    const isNew = !outage.codes.has(code)
    outage.codes.add(code)
    outage.isSentTo = false
    outage.isHeard = false
    this.#outages.delete(peer)
    this.#outages.set(peer, outage)
    if (this.#outages.size > MAX_PEERS) this.#outages.delete(this.#outages.keys().next().value!)
    return isNew
  }

  /** The network took a message to `peer`. Returns whether an outage has ended by that. */
  sent(peer: Address): boolean {
    const outage = this.#outages.size === 0 ? undefined : this.#outages.get(peer)
    if (outage === undefined) return false
    outage.isSentTo = true
    return this.#ends(peer, outage)
  }

  /** A message of `peer` came in. Returns whether an outage has ended by that. */
  heard(peer: Address): boolean {
    const outage = this.#outages.size === 0 ? undefined : this.#outages.get(peer)
    if (outage === undefined) return false
    outage.isHeard = true
    return this.#ends(peer, outage)
  }

  /** One way alone is no end: a network may take everything, and a peer may speak that cannot be spoken to. */
  #ends(peer: Address, { isSentTo, isHeard }: Outage): boolean {
    return isSentTo && isHeard && this.#outages.delete(peer)
  }
}
