/** Everything that happens, as data: the core has no logger and no metrics library. */

import type { DropReason } from '../model/drop.ts'
import type { GossipError } from '../model/errors.ts'
import type { MessageKind } from '../model/message.ts'
import type { Address } from '../model/peer.ts'
import type { Digest, Submission } from '../model/update.ts'
import type { ViolationEvent } from '../model/violation.ts'

export type GossipEvent =
  /** A message was sent. */
  | {
      readonly kind: 'sent'
      readonly to: Address
      readonly message: MessageKind
      readonly bytes: number
    }
  /** A message was received and decoded. */
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
  /** The content of an update was sent to a peer: pushed, or because the peer had requested it. */
  | { readonly kind: 'served'; readonly to: Address; readonly digest: Digest }
  /** `count` items were dropped; `digests` names the updates where they are few. */
  | {
      readonly kind: 'dropped'
      readonly reason: DropReason
      readonly count: number
      readonly peer?: Address
      readonly digests?: readonly Digest[]
    }
  /** A peer sent bytes that cannot be decoded. */
  | { readonly kind: 'malformed'; readonly from: Address; readonly error: GossipError }
  /** A peer broke the protocol; with `bannedMs` above 0, its messages are discarded for that long. */
  | ViolationEvent
  /**
   * Something failed: a send, the transport, the handler, the peer source. The node goes on. When a peer cannot be reached or
   * does not answer, only the first failure is reported, each code once; none while this node stops.
   */
  | { readonly kind: 'failed'; readonly error: GossipError; readonly peer?: Address }
  /** Messages to and from `peer` pass again, for the first time since it `failed`. */
  | { readonly kind: 'recovered'; readonly peer: Address }

/** Called synchronously, in order. Must be quick; what it throws is ignored. */
export type Observer = (event: GossipEvent) => void
