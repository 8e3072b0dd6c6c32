/** All connections of a transport, and which of them leads to an address. */

import { GossipError, type Address } from '@rumormill/protocol'
import { hostPrefix } from './address.ts'
import type { Connection } from './connection.ts'

export class Connections {
  readonly #all = new Set<Connection>()
  /** The connection to write on: the one on which the address was heard last, so that replies ride back to who asked. */
  readonly #leading = new Map<Address, Connection>()

  get all(): ReadonlySet<Connection> {
    return this.#all
  }

  /** How many connections of a direction there are; inbound ones only once they are open. */
  count(direction: Connection['direction']): number {
    let count = 0
    for (const connection of this.#all)
      if (connection.direction === direction && connection.address !== undefined) count++
    return count
  }

  leadingTo(address: Address): Connection | undefined {
    return this.#leading.get(address)
  }

  /** Keeps track of `connection` until it is removed. */
  add(connection: Connection): void {
    this.#all.add(connection)
  }

  /** `connection` is the one to write on for its address. */
  lead(connection: Connection): void {
    this.#leading.set(connection.address!, connection)
  }

  /** Forgets a closed connection; another one to the same address takes its place. */
  remove(connection: Connection): void {
    this.#all.delete(connection)
    if (connection.address === undefined || this.#leading.get(connection.address) !== connection)
      return
    this.#leading.delete(connection.address)
    for (const other of this.#all)
      if (other.address === connection.address) this.#leading.set(connection.address, other)
  }

  /**
   * Makes room for one more connection of `direction`: when `limit` is reached, one is closed, the one idle longest of those that
   * come from the host with the most. Says whether there is room, and whether a connection was closed for it.
   */
  makeRoom(direction: Connection['direction'], limit: number): 'free' | 'evicted' | 'full' {
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
        `the connection to ${longest.address} made room for another`
      ),
      'full'
    )
    return 'evicted'
  }
}
