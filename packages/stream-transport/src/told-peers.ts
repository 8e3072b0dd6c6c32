/** Peers of which something was reported, so that it is reported once and not whenever they try again. */

/** Of how many it is remembered. Beyond, the first of them is forgotten, and reported once more if it comes again. */
const MAX_PEERS = 1024

export class ToldPeers {
  readonly #peers = new Set<string>()

  /** Returns whether `peer` is new here. */
  add(peer: string): boolean {
    if (this.#peers.has(peer)) return false
    this.#peers.add(peer)
    if (this.#peers.size > MAX_PEERS) this.#peers.delete(this.#peers.values().next().value!)
    return true
  }

  /** What was reported of `peer` is over. */
  delete(peer: string): void {
    this.#peers.delete(peer)
  }
}
