/**
 * Two living nodes that have one address, by mistake or to deceive: told apart by when they started. Who can be dialled there is
 * the right one; until that is known, who was there first. The other is refused, and all three are told.
 */

import type { Address, GossipError } from '@rumormill/protocol'
import type { TcpConfig } from './config.ts'
import { inUse, type Identity } from './greeting.ts'
import type { Lane } from './lane.ts'
import type { Lanes } from './lanes.ts'
import type { Counters } from './stats.ts'
import type { ToldPeers } from './told-peers.ts'

/** What they need of the transport. */
export interface TwinsShare {
  readonly config: TcpConfig
  readonly lanes: Lanes
  readonly counters: Counters
  readonly mismatched: ToldPeers
  readonly identity: Identity | undefined
  fail(error: GossipError): void
}

export class Twins {
  /** To see who answers at an address; may throw. */
  dial: (address: Address) => void = () => {}
  readonly #station: TwinsShare

  constructor(station: TwinsShare) {
    this.#station = station
  }

  /** Why a newcomer from `remoteIp` may not be `address`: another one was heard a moment ago. A process that died is not. */
  objection(address: Address, incarnation: number, remoteIp: string): GossipError | undefined {
    const { config, lanes } = this.#station
    const sinceMs = performance.now() - config.deadlines.silentMs
    for (const lane of lanes.all) {
      if (lane.address !== address || !differ(lane.incarnation, incarnation)) continue
      if (lane.state !== 'open' || lane.heardMs < sinceMs) continue
      lane.contest()
      if (lane.direction === 'inbound') this.#dial(address)
      return inUse(address, `the other one, at ${remoteIp}, was refused`)
    }
    return undefined
  }

  /** `lane` leads to who can be dialled there: others that claim the address go. */
  dialled(lane: Lane): void {
    for (const other of this.#station.lanes.all)
      if (other.direction === 'inbound' && other.address === lane.address) this.#refuse(lane, other)
  }

  /** Both are heard: `lane` now, `before` some time ago. */
  met(before: Lane, lane: Lane): void {
    if (before.state !== 'open' || !differ(before.incarnation, lane.incarnation)) return
    // One that did not close may be of a process that is no more; and then it is silent.
    if (lane.incarnation > before.incarnation) return
    if (before.direction === 'inbound') this.#refuse(lane, before)
    else this.#refuse(before, lane)
  }

  /** A peer says so. */
  contested(lane: Lane): void {
    const { identity, mismatched } = this.#station
    const { address } = identity!
    if (mismatched.add(`${address} twice`))
      this.#station.fail(inUse(address, `${lane.address} has heard of both`))
  }

  #refuse(right: Lane, wrong: Lane): void {
    if (wrong.state !== 'open' || !differ(right.incarnation, wrong.incarnation)) return
    const { counters, mismatched } = this.#station
    counters.refuse('identity-in-use')
    const address = right.address!
    right.contest()
    const error = inUse(address, `the other one, at ${wrong.remoteIp}, was refused`)
    if (mismatched.add(`${address} twice`)) this.#station.fail(error)
    wrong.dismiss(error, 'identity-in-use')
  }

  /** To see who answers there, if nobody has tried yet. */
  #dial(address: Address): void {
    const { lanes } = this.#station
    const isDialled = [...lanes.all].some(
      (lane) => lane.address === address && lane.direction === 'outbound'
    )
    if (isDialled) return
    try {
      this.dial(address)
    } catch {
      // It is left alone at the moment, or there is no room: nobody waits for it.
    }
  }
}

function differ(one: number, other: number): boolean {
  return one !== 0 && other !== 0 && one !== other
}
