/** Other peers that offer a requested content. Each is tried when those before it have not delivered. */

import type { Address } from '../model/peer.ts'

/** The most peers that are kept. A guess: three in a row seldom fail. */
const MAX_ALTERNATES = 3

type Distrusts = (peer: Address) => boolean

export class Alternates {
  /** Trusted peers first, then distrusted ones. */
  #peers: Address[] = []

  get isEmpty(): boolean {
    return this.#peers.length === 0
  }

  /** Adds `peer`, a trusted one before all that are distrusted. Beyond the limit, the last is removed. */
  add(peer: Address, isTrusted: boolean, distrusts: Distrusts): void {
    if (this.#peers.includes(peer)) return
    const at = isTrusted ? this.#peers.findIndex(distrusts) : -1
    this.#peers.splice(at >= 0 ? at : MAX_ALTERNATES, 0, peer)
    if (this.#peers.length > MAX_ALTERNATES) this.#peers.pop()
  }

  delete(peer: Address): void {
    this.#peers = this.#peers.filter((each) => each !== peer)
  }

  /** Removes and returns the first trusted peer, or else the first. */
  take(distrusts: Distrusts): Address | undefined {
    const at = this.#peers.findIndex((each) => !distrusts(each))
    return this.#peers.splice(Math.max(0, at), 1)[0]
  }
}
