/** All connections of a transport, and which of them is used to write to an address. */

import { GossipError, type Address } from '@rumormill/protocol/plugin'
import { hostPrefix } from './address.ts'
import type { Connection } from './connection.ts'

export class Connections {
  readonly #all = new Set<Connection>()
  /** The connection to write on: the one that last received from the address, so that replies return on the same connection. */
  readonly #leading = new Map<Address, Connection>()

  get all(): ReadonlySet<Connection> {
    return this.#all
  }

  /** Returns the number of connections of a direction; inbound ones count once they are open. */
  count(direction: Connection['direction']): number {
    let count = 0
    for (const connection of this.#all)
      if (connection.direction === direction && connection.address !== undefined) count++
    return count
  }

  leadingTo(address: Address): Connection | undefined {
    return this.#leading.get(address)
  }

  /** Adds `connection`, which must be removed when it closes. */
  add(connection: Connection): void {
    this.#all.add(connection)
  }

  /** Makes `connection` the one to write on for its address. */
  lead(connection: Connection): void {
    this.#leading.set(connection.address!, connection)
  }

  /** Removes a closed connection; another one to the same address replaces it as the one to write on. */
  remove(connection: Connection): void {
    this.#all.delete(connection)
    if (connection.address === undefined || this.#leading.get(connection.address) !== connection)
      return
    this.#leading.delete(connection.address)
    for (const other of this.#all)
      if (other.address === connection.address) this.#leading.set(connection.address, other)
  }

  /**
   * Frees a slot for one more connection of `direction`. When `limit` is reached, closes the longest-idle connection of the
   * host with the most. Returns whether a slot was free, was freed by that, or is not free because no connection is idle.
   */
  freeSlot(direction: Connection['direction'], limit: number): 'free' | 'evicted' | 'full' {
    if (this.count(direction) < limit) return 'free'
    const connections = [...this.#all].filter((connection) => connection.direction === direction)
    const byHost = new Map<string, number>()
    const hostOf = ({ remoteIp }: Connection): string => hostPrefix(remoteIp)
    for (const connection of connections)
      byHost.set(hostOf(connection), (byHost.get(hostOf(connection)) ?? 0) + 1)
    let longest: Connection | undefined
    for (const connection of connections) {
      if (!connection.isIdle) continue
      const crowd =
        byHost.get(hostOf(connection))! - (longest === undefined ? 0 : byHost.get(hostOf(longest))!)
      if (longest === undefined || crowd > 0) longest = connection
      else if (crowd === 0 && connection.lastUsedMs < longest.lastUsedMs) longest = connection
    }
    if (longest === undefined) return 'full'
    longest.dismiss(
      new GossipError(
        'CONNECTION_LOST',
        `the idle connection to ${longest.address} was closed for another one`
      ),
      'full'
    )
    return 'evicted'
  }
}
