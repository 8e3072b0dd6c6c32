/** What a stream needs of the transport it belongs to. */

import type { Address, GossipError } from '@rumormill/protocol'
import type { BackOff, ByteBudget, GoodbyeReason, QueueShare } from '@rumormill/stream-transport'
import type { Libp2pConfig } from './config.ts'

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
  /** The address of this node. */
  readonly self: Address
  /** For messages that are half received. */
  readonly partial: ByteBudget
  readonly backOff: BackOff
  readonly counters: Counters
  nowMs(): number
  /** `peer`, by its proven id, says where it can be dialled. Throws OVERLOADED when there is no room for it. */
  greeted(peer: string, address: Address): void
  /** `peer` was heard. */
  heard(peer: string, nowMs: number): void
  /** `peer` is about to close its stream, and says why. */
  dismissed(peer: string, reason: GoodbyeReason | undefined): void
  /** Hands a message to the receiver. Does not throw. */
  deliver(peer: string, frame: Uint8Array): void
  /** Reports what no send can be told. */
  fail(error: GossipError): void
}
