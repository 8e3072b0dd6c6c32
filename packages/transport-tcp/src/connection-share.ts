/** The state that all connections of a transport share, and the events of one connection. */

import type { GossipError } from '@rumormill/protocol/plugin'
import type { ByteBudget, NarrowPaths, QueueShare } from '@rumormill/stream-transport'
import type { TcpConfig } from './config.ts'
import type { Counters } from './stats.ts'

export interface ConnectionShare extends QueueShare {
  readonly config: TcpConfig
  readonly counters: Counters
  /** The budget of half-received messages. */
  readonly partial: ByteBudget
  readonly narrow: NarrowPaths
}

/** The callbacks of a connection. */
export interface ConnectionEvents<Connection> {
  /** The peer's hello arrived. Must call `open` or `close`; nothing more is read until this settles. */
  greet(connection: Connection, hello: Uint8Array): Promise<void>
  /** The first message or the first pong of the peer arrived. */
  spoke(connection: Connection): void
  /** The peer reports that another running node has the address of this node. */
  contested(connection: Connection): void
  /** A part of a large message arrived. */
  arriving(connection: Connection): void
  /** Messages arrived on an open connection. Must not throw. */
  received(connection: Connection, frames: readonly Uint8Array[]): void
  /** The connection closed. `wasReported`: a `send` was rejected with `error`, or `close` was called so. Called once. */
  closed(connection: Connection, error: GossipError, wasReported: boolean): void
}
