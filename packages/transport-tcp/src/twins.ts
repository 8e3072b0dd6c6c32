/** Two living nodes that advertise one address: see `Twins`. */

import type { Address, GossipError } from '@rumormill/protocol'
import { Twins, type ToldPeers } from '@rumormill/stream-transport'
import type { TcpConfig } from './config.ts'
import { inUse, type Identity } from './greeting.ts'
import type { Lane } from './lane.ts'
import type { Lanes } from './lanes.ts'
import type { Counters } from './stats.ts'

/** What they need of the transport. */
interface LaneTwinsShare {
  readonly config: TcpConfig
  readonly lanes: Lanes
  readonly counters: Counters
  readonly mismatched: ToldPeers
  readonly identity: Identity | undefined
  fail(error: GossipError): void
}

export class LaneTwins extends Twins<Lane> {
  /** To see who answers at an address; may throw. */
  dial: (address: Address) => void = () => {}
  readonly #station: LaneTwinsShare

  constructor(station: LaneTwinsShare) {
    super({
      all: station.lanes.all,
      silentMs: station.config.deadlines.silentMs,
      mismatched: station.mismatched,
      identityOf: ({ address }) => address,
      hostOf: ({ remoteIp }) => remoteIp,
      inUse,
      refused: () => station.counters.refuse('identity-in-use'),
      fail: (error) => station.fail(error),
      dial: (address) => this.dial(address)
    })
    this.#station = station
  }

  /** A peer says so of this node. */
  contested({ address: peer }: Lane): void {
    const { identity, mismatched } = this.#station
    const { address } = identity!
    if (mismatched.add(`${address} twice`))
      this.#station.fail(inUse(address, `${peer} has heard of both`))
  }
}
