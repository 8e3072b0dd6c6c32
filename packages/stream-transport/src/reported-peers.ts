/** Remembers the peers of which something was reported, so that repeated attempts are not reported again. */

/** How many peers are remembered. Beyond it the oldest is forgotten, and reported again at its next attempt. */
const MAX_PEERS = 1024

export class ReportedPeers {
  readonly #peers = new Set<string>()

  /** Returns whether `peer` was not yet reported. */
  add(peer: string): boolean {
    if (this.#peers.has(peer)) return false
    this.#peers.add(peer)
    if (this.#peers.size > MAX_PEERS) this.#peers.delete(this.#peers.values().next().value!)
    return true
  }

  /** Forgets `peer`, because what was reported of it has ended. */
  delete(peer: string): void {
    this.#peers.delete(peer)
  }
}
