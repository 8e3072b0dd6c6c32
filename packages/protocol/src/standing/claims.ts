/** Who answers for what comes from an address: the address where it is proved, else the connection that claims it. */

import type { Address } from '../peer.ts'

/** Of how many peers it is known by which connection they spoke last. Of others their addresses answer. */
const MAX_CLAIMS = 1024

export class Claims {
  /** None for addresses that are proved. The one that was claimed first comes first. */
  readonly #connections = new Map<Address, string>()

  /** `from` has spoken, by a connection where its address is only claimed. */
  spoke(from: Address, connection: string | undefined): void {
    if (this.#connections.size === 0 && connection === undefined) return
    if (this.#connections.get(from) === connection) return
    this.#connections.delete(from)
    if (connection === undefined) return
    this.#connections.set(from, connection)
    if (this.#connections.size > MAX_CLAIMS)
      this.#connections.delete(this.#connections.keys().next().value!)
  }

  /** The connection that answers for `peer`, if its address is only claimed. */
  connectionOf(peer: Address): string | undefined {
    return this.#connections.get(peer)
  }

  /** A name of who answers for `peer`. No address has a space in it. */
  answerable(peer: Address): string {
    const connection = this.#connections.get(peer)
    return connection === undefined ? peer : `${peer} by ${connection}`
  }
}
