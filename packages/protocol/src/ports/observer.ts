/** The only window of the core: everything that happens, as data. No logger, no metrics library. */
import type { GossipError } from '../errors.ts'
import type { MessageKind } from '../message.ts'
import type { Address } from '../peer.ts'
import type { Digest } from '../update.ts'

/** Why something was given up without an error to anyone. */
export type DropReason =
  /** A response that nobody here asked for, or too late. */
  | 'unasked'
  /** A content that was advertised and asked for, but whose promise lapsed with no other peer to ask. */
  | 'not-served'
  /** A digest not asked for now, because enough requests are open; a later round offers it again. */
  | 'requests-full'
  /** An update not fetched or not kept, because the store holds all it may. */
  | 'store-full'
  /** An update not fetched now, because the handler's queue is full. */
  | 'handler-busy'
  /** A content that is empty or beyond the limit. */
  | 'invalid-content'
  /** View entries beyond what one message may bring. */
  | 'view-too-long'
  /** A message not sent, because too many to that peer are in flight. */
  | 'peer-busy'
  /** Updates still waiting for the handler when the node stopped. */
  | 'stopped'

export type GossipEvent =
  /** A message was handed to the network. */
  | { readonly kind: 'sent'; readonly to: Address; readonly message: MessageKind; readonly bytes: number }
  /** A message arrived and was understood. */
  | { readonly kind: 'received'; readonly from: Address; readonly message: MessageKind; readonly bytes: number }
  /** The handler took an update. */
  | { readonly kind: 'delivered'; readonly digest: Digest; readonly bytes: number }
  /** The content of an update was handed to the network for a peer that had asked for it. */
  | { readonly kind: 'served'; readonly to: Address; readonly digest: Digest }
  /** `count` things were given up. */
  | { readonly kind: 'dropped'; readonly reason: DropReason; readonly count: number; readonly peer?: Address }
  /** A peer sent bytes that are no message. */
  | { readonly kind: 'malformed'; readonly from: Address; readonly error: GossipError }
  /** Something failed: a send, the transport, the handler, the peer source. The node goes on. */
  | { readonly kind: 'failed'; readonly error: GossipError; readonly peer?: Address }

/** Called at once, in order. Must be quick; what it throws is ignored. */
export type Observer = (event: GossipEvent) => void
