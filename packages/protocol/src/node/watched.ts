/** Tells the transport which peers to watch for failures: the neighbors, whenever they change. */

import type { Address } from '../model/peer.ts'
import type { Transport } from '../ports/transport.ts'

export class Watched {
  readonly #transport: Transport
  #peers: readonly Address[] = []

  constructor(transport: Transport) {
    this.#transport = transport
  }

  set(peers: readonly Address[]): void {
    const isSame =
      peers.length === this.#peers.length &&
      peers.every((peer, index) => peer === this.#peers[index])
    if (isSame) return
    this.#peers = peers
    this.#transport.watch(peers)
  }
}
