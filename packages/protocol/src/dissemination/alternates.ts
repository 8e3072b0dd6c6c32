/** Other peers that offer what is wanted of one: each is asked when those before it have not delivered. */

import type { Address } from '../peer.ts'

/** How many are remembered. A guess: three in a row seldom fail at once. */
const MAX_ALTERNATES = 3

type Distrusts = (peer: Address) => boolean

export class Alternates {
  /** The trusted before the others. */
  #peers: Address[] = []

  get isEmpty(): boolean {
    return this.#peers.length === 0
  }

  /** The trusted come before the others, of which the last makes room. */
  add(peer: Address, isTrusted: boolean, distrusts: Distrusts): void {
    if (this.#peers.includes(peer)) return
    const at = isTrusted ? this.#peers.findIndex(distrusts) : -1
    this.#peers.splice(at >= 0 ? at : MAX_ALTERNATES, 0, peer)
    if (this.#peers.length > MAX_ALTERNATES) this.#peers.pop()
  }

  delete(peer: Address): void {
    this.#peers = this.#peers.filter((each) => each !== peer)
  }

  /** Takes the first that is trusted, or else the first. */
  take(distrusts: Distrusts): Address | undefined {
    const at = this.#peers.findIndex((each) => !distrusts(each))
    return this.#peers.splice(Math.max(0, at), 1)[0]
  }
}
