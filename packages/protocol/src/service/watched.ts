/** Tells the transport whose silence matters: that of the neighbors, whenever they are others. */

import type { Address } from '../peer.ts'
import type { Transport } from '../ports/transport.ts'

export class Watched {
  readonly #transport: Transport
  #peers: readonly Address[] = []

  constructor(transport: Transport) {
    this.#transport = transport
  }

  are(peers: readonly Address[]): void {
    const isSame =
      peers.length === this.#peers.length &&
      peers.every((peer, index) => peer === this.#peers[index])
    if (isSame) return
    this.#peers = peers
    this.#transport.watch(peers)
  }
}
