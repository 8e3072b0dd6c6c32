/** What connections of a transport share, and what each tells who made it. */

import type { GossipError } from '@rumormill/protocol'
import type { ByteBudget, NarrowPaths, QueueShare } from '@rumormill/stream-transport'
import type { TcpConfig } from './config.ts'
import type { Counters } from './stats.ts'

export interface ConnectionShare extends QueueShare {
  readonly config: TcpConfig
  readonly counters: Counters
  /** For messages that are half received. */
  readonly partial: ByteBudget
  readonly narrow: NarrowPaths
}

/** What happens to a connection, told to who made it. */
export interface ConnectionEvents<Connection> {
  /** The peer's hello came; nothing more is read until this settles. It calls `open`, or `close` to refuse. */
  greet(connection: Connection, hello: Uint8Array): Promise<void>
  /** The first message of the peer's has come, or its first answer to a ping. */
  spoke(connection: Connection): void
  /** The peer says that another living node has the address of this one. */
  contested(connection: Connection): void
  /** A part of a large message has come. */
  arriving(connection: Connection): void
  /** Messages came on an open connection. Does not throw. */
  received(connection: Connection, frames: readonly Uint8Array[]): void
  /** The connection is closed. `told` says whether some `send` was rejected with `error`, or `close` said so. Called once. */
  closed(connection: Connection, error: GossipError, told: boolean): void
}
