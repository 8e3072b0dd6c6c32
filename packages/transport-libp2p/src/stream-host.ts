/** The parts of the transport that its streams use. */

import type { Connection } from '@libp2p/interface'
import type { Address, GossipError } from '@rumormill/protocol/plugin'
import type {
  BackOff,
  ByteBudget,
  DialGuard,
  NarrowPaths,
  GoodbyeReason,
  QueueShare
} from '@rumormill/stream-transport'
import type { PeerAddress } from './address.ts'
import type { Libp2pConfig } from './config.ts'
import type { Departures } from './departures.ts'
import type { Hello } from './hello.ts'
import type { PeerStream } from './twins.ts'

export interface Counters {
  sentMessages: number
  sentBytes: number
  receivedMessages: number
  receivedBytes: number
  refused: number
}

export interface StreamHost extends QueueShare {
  readonly config: Libp2pConfig
  /** The protocol id of the streams. */
  readonly protocol: string
  /** The hello of this node. */
  readonly self: Hello
  /** The budget of half-received messages. */
  readonly partial: ByteBudget
  readonly backOff: BackOff
  readonly dials: DialGuard
  readonly narrow: NarrowPaths
  /** Streams that close once their goodbye has been sent. */
  readonly departures: Departures
  readonly counters: Counters
  nowMs(): number
  /** Notes that a dial of the address found its key. */
  proved(to: PeerAddress): void
  /** Dials `address` to check that its key is there, unless the result is known. */
  prove(address: PeerAddress): void
  /** Accepts the hello of `peer`, an authenticated id, with its `address`. Throws OVERLOADED when all links are in use. */
  greeted(peer: string, address: Address, connection: Connection): void
  /** Returns the error for a hello whose key another running node has, if there is one. */
  twin(stream: PeerStream): GossipError | undefined
  /** Notes that messages arrived on `stream`. */
  spoke(stream: PeerStream): void
  /** Closes `connection`, whose peer was refused. */
  leave(connection: Connection, why: GossipError): void
  /** Reports that `peer` has seen another running node with the key of this one. */
  contested(peer: Address): void
  /** Notes that bytes of `peer` arrived. */
  received(peer: string, nowMs: number): void
  /** Notes that `peer` is about to close its stream. */
  dismissed(peer: string, reason: GoodbyeReason | undefined): void
  /** Notes that a part of a large message of `peer` arrived. */
  arriving(peer: string): void
  /** Delivers a message to the receiver. Does not throw. */
  deliver(peer: string, frame: Uint8Array): void
  /** Reports an error that concerns no `send`: one a second per code, with a count. */
  trouble(error: GossipError): void
}
