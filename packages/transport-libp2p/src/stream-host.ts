/** What a stream needs of the transport it belongs to. */

import type { AbortWatch, BackOff, PartialBudget } from '@rumormill/framing'
import type { Address, GossipError } from '@rumormill/protocol'
import type { Libp2pConfig } from './config.ts'

export interface Counters {
  sentMessages: number
  sentBytes: number
  receivedMessages: number
  receivedBytes: number
  refused: number
}

export interface StreamHost {
  readonly config: Libp2pConfig
  /** The protocol id of the streams. */
  readonly protocol: string
  /** The address of this node. */
  readonly self: Address
  readonly aborts: AbortWatch
  readonly budget: PartialBudget
  readonly backOff: BackOff
  readonly counters: Counters
  nowMs(): number
  /** `peer`, by its proven id, says where it can be dialled. Throws OVERLOADED when there is no room for it. */
  greeted(peer: string, address: Address): void
  /** Hands a message to the receiver. Does not throw. */
  deliver(peer: string, frame: Uint8Array): void
  /** Reports what no send can be told. */
  fail(error: GossipError): void
}
