/** The only window of the core: everything that happens, as data. No logger, no metrics library. */

import type { DropReason } from '../drop.ts'
import type { GossipError } from '../errors.ts'
import type { MessageKind } from '../message.ts'
import type { Address } from '../peer.ts'
import type { Digest, Submission } from '../update.ts'
import type { ViolationEvent } from '../violation.ts'

export type GossipEvent =
  /** A message was handed to the network. */
  | {
      readonly kind: 'sent'
      readonly to: Address
      readonly message: MessageKind
      readonly bytes: number
    }
  /** A message arrived and was understood. */
  | {
      readonly kind: 'received'
      readonly from: Address
      readonly message: MessageKind
      readonly bytes: number
    }
  /** A submission changed nothing: the same content is `active` here, or `expired` and still remembered. */
  | {
      readonly kind: 'duplicate'
      readonly digest: Digest
      readonly status: Exclude<Submission['status'], 'accepted'>
    }
  /** The handler took an update. */
  | { readonly kind: 'delivered'; readonly digest: Digest; readonly bytes: number }
  /** The content of an update was handed to the network for a peer that had asked for it. */
  | { readonly kind: 'served'; readonly to: Address; readonly digest: Digest }
  /** `count` things were given up; for the reason `unacknowledged`, the updates with these `digests`. */
  | {
      readonly kind: 'dropped'
      readonly reason: DropReason
      readonly count: number
      readonly peer?: Address
      readonly digests?: readonly Digest[]
    }
  /** A peer sent bytes that are no message. */
  | { readonly kind: 'malformed'; readonly from: Address; readonly error: GossipError }
  /** A peer broke the protocol; with `bannedMs` above 0, its messages are discarded for so long. */
  | ViolationEvent
  /**
   * Something failed: a send, the transport, the handler, the peer source. The node goes on. Of attempts at a peer that
   * cannot be reached or does not answer, the first is told, with each code once; none while this node stops.
   */
  | { readonly kind: 'failed'; readonly error: GossipError; readonly peer?: Address }
  /** Messages go to `peer` again and come from it, for the first time since it `failed`. */
  | { readonly kind: 'recovered'; readonly peer: Address }

/** Called at once, in order. Must be quick; what it throws is ignored. */
export type Observer = (event: GossipEvent) => void
