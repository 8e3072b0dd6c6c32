/** What a stream needs of the transport it belongs to. */

import type { Connection } from '@libp2p/interface'
import type { Address, GossipError } from '@rumormill/protocol'
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
  /** Where this node can be dialled, and when it started. */
  readonly self: Hello
  /** For messages that are half received. */
  readonly partial: ByteBudget
  readonly backOff: BackOff
  readonly dials: DialGuard
  readonly narrow: NarrowPaths
  /** Streams whose goodbye is on its way. */
  readonly departures: Departures
  readonly counters: Counters
  nowMs(): number
  /** It was dialled there, and has the key that its address names. */
  proved(to: PeerAddress): void
  /** Dials `address` to see whether its key is found there, unless that is known. */
  prove(address: PeerAddress): void
  /** `peer`, by its proven id, says by `connection` that it is at `address`. Throws OVERLOADED when there is no room for it. */
  greeted(peer: string, address: Address, connection: Connection): void
  /** Why a stream whose peer says hello is not accepted: another living node has its key. */
  twin(stream: PeerStream): GossipError | undefined
  /** Messages came on `stream`. */
  spoke(stream: PeerStream): void
  /** The peer behind `connection` was turned away. */
  leave(connection: Connection, why: GossipError): void
  /** `peer` says that another living node has the key of this one. */
  contested(peer: Address): void
  /** `peer` was heard. */
  received(peer: string, nowMs: number): void
  /** `peer` is about to close its stream, and says why. */
  dismissed(peer: string, reason: GoodbyeReason | undefined): void
  /** A part of a large message of `peer` has come. */
  arriving(peer: string): void
  /** Hands a message to the receiver. Does not throw. */
  deliver(peer: string, frame: Uint8Array): void
  /** Reports what no send can be told: of each kind once a second, with how many there were. */
  trouble(error: GossipError): void
}
