/** All connections of a transport, and which of them leads to an address. */

import { GossipError, type Address } from '@rumormill/protocol'
import { hostPrefix } from './address.ts'
import type { Lane } from './lane.ts'

export class Lanes {
  readonly #all = new Set<Lane>()
  /** The lane to write on: the one on which the address was heard last, so that replies ride back to who asked. */
  readonly #leading = new Map<Address, Lane>()

  get all(): ReadonlySet<Lane> {
    return this.#all
  }

  /** How many lanes of a direction there are; inbound ones only once they are open. */
  count(direction: Lane['direction']): number {
    let count = 0
    for (const lane of this.#all)
      if (lane.direction === direction && lane.address !== undefined) count++
    return count
  }

  leadingTo(address: Address): Lane | undefined {
    return this.#leading.get(address)
  }

  /** Keeps track of `lane` until it is removed. */
  add(lane: Lane): void {
    this.#all.add(lane)
  }

  /** `lane` is the one to write on for its address. */
  lead(lane: Lane): void {
    this.#leading.set(lane.address!, lane)
  }

  /** Forgets a closed lane; another one to the same address takes its place. */
  remove(lane: Lane): void {
    this.#all.delete(lane)
    if (lane.address === undefined || this.#leading.get(lane.address) !== lane) return
    this.#leading.delete(lane.address)
    for (const other of this.#all)
      if (other.address === lane.address) this.#leading.set(lane.address, other)
  }

  /**
   * Makes room for one more lane of `direction`: when `limit` is reached, one is closed, the one idle longest of those that
   * come from the host with the most. Says whether there is room, and whether a lane was closed for it.
   */
  makeRoom(direction: Lane['direction'], limit: number): 'free' | 'evicted' | 'full' {
    if (this.count(direction) < limit) return 'free'
    const lanes = [...this.#all].filter((lane) => lane.direction === direction)
    const byHost = new Map<string, number>()
    const hostOf = ({ remoteIp }: Lane): string => hostPrefix(remoteIp)
    for (const lane of lanes) byHost.set(hostOf(lane), (byHost.get(hostOf(lane)) ?? 0) + 1)
    let longest: Lane | undefined
    for (const lane of lanes) {
      if (!lane.isIdle) continue
      const crowd =
        byHost.get(hostOf(lane))! - (longest === undefined ? 0 : byHost.get(hostOf(longest))!)
      if (longest === undefined || crowd > 0) longest = lane
      else if (crowd === 0 && lane.lastUsedMs < longest.lastUsedMs) longest = lane
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
