/** All connections of a transport, and which of them is used to write to an address. */

import { GossipError, type Address } from '@rumormill/protocol/plugin'
import { ofLargestHost } from '@rumormill/stream-transport'
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
   * host with the most; if none of these is idle, one of them all the same where the host `newcomer` has fewer, and else the
   * longest-idle connection of any host. Returns whether a slot was free, was freed by that, or is not free.
   */
  freeSlot(
    direction: Connection['direction'],
    limit: number,
    newcomer?: string
  ): 'free' | 'evicted' | 'full' {
    if (this.count(direction) < limit) return 'free'
    const all = [...this.#all].filter(
      (connection) => connection.direction === direction && connection.address !== undefined
    )
    const crowd = ofLargestHost(all, hostOf)
    const ofNewcomer = all.filter((connection) => hostOf(connection) === newcomer).length
    const isOutnumbered = newcomer !== undefined && ofNewcomer + 1 < crowd.length
    const spare =
      longestUnused(crowd.filter(isIdle)) ??
      (isOutnumbered ? longestUnused(crowd) : longestUnused(all.filter(isIdle)))
    if (spare === undefined) return 'full'
    const why = `the connection to ${spare.address} was closed to make room for another one`
    spare.dismiss(new GossipError('CONNECTION_LOST', why), 'full')
    return 'evicted'
  }
}

function hostOf({ remoteIp }: Connection): string {
  return hostPrefix(remoteIp)
}

function isIdle(connection: Connection): boolean {
  return connection.isIdle
}

function longestUnused(connections: readonly Connection[]): Connection | undefined {
  const oldestFirst = connections.toSorted((one, other) => one.lastUsedMs - other.lastUsedMs)
  return oldestFirst[0]
}
