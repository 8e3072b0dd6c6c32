/** Maps peers to what their violations count against: the address where it is proved, else the connection that claims it. */

import { setBounded } from '../model/bounded-map.ts'
import type { Address } from '../model/peer.ts'

/** The most peers whose connection is remembered. Violations of the others count against their addresses. */
const MAX_CLAIMS = 1024

export class Claims {
  /** Connections by claimed address, the oldest claim first. Proved addresses are not in it. */
  readonly #connections = new Map<Address, string>()

  /** Notes a message of `from`; `connection` is set where its address is only claimed. */
  spoke(from: Address, connection: string | undefined): void {
    if (this.#connections.size === 0 && connection === undefined) return
    if (this.#connections.get(from) === connection) return
    if (connection === undefined) this.#connections.delete(from)
    else setBounded(this.#connections, from, connection, MAX_CLAIMS)
  }

  /** Returns the connection that answers for `peer`, if its address is only claimed. */
  connectionOf(peer: Address): string | undefined {
    return this.#connections.get(peer)
  }

  /** Returns the name under which violations of `peer` are counted. Addresses contain no spaces, so names never collide. */
  answerable(peer: Address): string {
    const connection = this.#connections.get(peer)
    return connection === undefined ? peer : `${peer} by ${connection}`
  }
}
