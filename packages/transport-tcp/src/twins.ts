/** Detects two running nodes that advertise one address: see `Twins`. */

import type { Address, GossipError } from '@rumormill/protocol/plugin'
import { Twins, type ReportedPeers } from '@rumormill/stream-transport'
import type { TcpConfig } from './config.ts'
import type { Connection } from './connection.ts'
import type { Connections } from './connections.ts'
import { inUse, type Identity } from './greeting.ts'
import type { Counters } from './stats.ts'

/** The parts of the transport that {@link ConnectionTwins} uses. */
interface ConnectionTwinsShare {
  readonly config: TcpConfig
  readonly connections: Connections
  readonly counters: Counters
  readonly mismatched: ReportedPeers
  readonly identity: Identity | undefined
  fail(error: GossipError): void
}

export class ConnectionTwins extends Twins<Connection> {
  /** Dials an address, to find out which node answers there; may throw. */
  dial: (address: Address) => void = () => {}
  readonly #context: ConnectionTwinsShare

  constructor(context: ConnectionTwinsShare) {
    super({
      all: context.connections.all,
      silentMs: context.config.deadlines.silentMs,
      mismatched: context.mismatched,
      identityOf: ({ address }) => address,
      hostOf: ({ remoteIp }) => remoteIp,
      inUse,
      refused: () => context.counters.refuse('identity-in-use'),
      fail: (error) => context.fail(error),
      dial: (address) => this.dial(address)
    })
    this.#context = context
  }

  /** Reports that a peer has seen another node with the address of this one. */
  contested({ address: peer }: Connection): void {
    const { identity, mismatched } = this.#context
    const { address } = identity!
    if (mismatched.add(`${address} twice`))
      this.#context.fail(inUse(address, `${peer} is connected to both`))
  }
}
