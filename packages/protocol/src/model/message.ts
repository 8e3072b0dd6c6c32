/**
 * The wire on one page: fourteen messages in four families. Messages carry no sender; the transport vouches for it.
 *
 * ```text
 *   A                                   B        membership (Jelasity et al. 2007, fig. 1)
 *   |-- view-request [A 0, ...] ------->|        an empty view asks for a pull only
 *   |<------- view-response [B 0, ...] -|        if B pulls
 *
 *   A                                   B        fetch
 *   |<-- content-request (digests) -----|        at most one open per peer; in Plumtree this is GRAFT
 *   |-- content-response (contents) --->|        as many as fit; empty when A has none of them
 *
 *   A                                   B        anti-entropy by lists
 *   |-- digest-request (what A has) --->|        no digests asks for a pull only
 *   |<-- digest-response (what A lacks)-|        if B pulls
 *
 *   A                                   B        anti-entropy by sketches, where much is known: only differences travel
 *   |-- sketch-request (fingerprint) -->|
 *   |<- sketch-response (symbols) ------|        none if the sets are equal; A asks for more until they decode
 *   |-- difference-request ------------>|        digests that B lacks, and short ids of which A needs the digests
 *   |<-- digest-response ---------------|        those digests, and the named ones that have expired at B
 *
 *   A                                   B        broadcast between neighbors (Plumtree, HyParView)
 *   |-- neighbor ---------------------->|        A has chosen B as a neighbor
 *   |-- eager-push (contents) --------->|        down the tree of their submitter
 *   |-- ihave (digests) --------------->|        B fetches the contents
 *   |<------------------------- prune --|        B had them already: this link is no branch of that tree
 *   |<----------------------- refused --|        B cannot take them now: no branch either, until B fetches a content
 * ```
 */

import type { Address, Peer } from './peer.ts'
import type { DigestBlock, DigestKey } from './update.ts'

/** Opens a view exchange: the sender's own entry, age 0, then part of its view. */
export interface ViewRequest {
  readonly kind: 'view-request'
  readonly view: readonly Peer[]
}

/** Answers a {@link ViewRequest} in the same form. */
export interface ViewResponse {
  readonly kind: 'view-response'
  readonly view: readonly Peer[]
}

/** Opens a digest exchange: digests of updates that are active at the sender. */
export interface DigestRequest {
  readonly kind: 'digest-request'
  readonly digests: DigestBlock
}

/**
 * Answers a {@link DigestRequest}: digests active at the sender that the request did not name. Or a
 * {@link DifferenceRequest}: the requested digests, and those that it named and that are expired at the sender.
 */
export interface DigestResponse {
  readonly kind: 'digest-response'
  readonly digests: DigestBlock
}

/** Asks for the contents behind digests that the receiver has advertised. */
export interface ContentRequest {
  readonly kind: 'content-request'
  readonly digests: DigestBlock
}

/** Contents, in the requested order, as many as fit. No digests: the receiver derives them, so they cannot disagree. */
export interface ContentResponse {
  readonly kind: 'content-response'
  readonly contents: readonly Uint8Array[]
  /** The age of each content, in units of {@link AGE_UNIT_MS}, from 0 to {@link MAX_CONTENT_AGE}. */
  readonly ages: readonly number[]
}

/** Tells the receiver that the sender has chosen it as a neighbor. Not answered. */
export interface Neighbor {
  readonly kind: 'neighbor'
}

/** Tells a neighbor which updates are new at the sender. Not answered. */
export interface Ihave {
  readonly kind: 'ihave'
  readonly digests: DigestBlock
}

/** Pushes contents that were not requested, along the tree of the node that submitted them. */
export interface EagerPush {
  readonly kind: 'eager-push'
  /** The number of the tree, which its node has drawn: from 0 to {@link MAX_TREE}. */
  readonly tree: number
  /**
   * The `digestCheck` of the digests of the contents. A fetched content must have the digest by which it was requested; this
   * protects a pushed one from damage in the same way.
   */
  readonly check: number
  readonly contents: readonly Uint8Array[]
  /** As in a {@link ContentResponse}. */
  readonly ages: readonly number[]
}

/**
 * Answers an {@link EagerPush} of which the receiver cannot take some contents now, for reasons of its own. The link is no
 * branch of that tree until the receiver requests a content again.
 */
export interface Refused {
  readonly kind: 'refused'
  readonly tree: number
  /** The updates that were not taken. */
  readonly digests: DigestBlock
}

/** Answers an {@link EagerPush} that brought nothing new: push nothing of this tree to the sender of this. */
export interface Prune {
  readonly kind: 'prune'
  readonly tree: number
}

/** Opens a reconciliation. Unless the sets are equal, the receiver sends coded symbols (Yang et al. 2024, rateless IBLT). */
export interface SketchRequest {
  readonly kind: 'sketch-request'
  /**
   * The fingerprint of the updates that are active at the sender, {@link FINGERPRINT_BYTES} bytes, with its lasting
   * differences to the receiver toggled.
   */
  readonly fingerprint: Uint8Array
  /** Index of the first coded symbol that is requested. */
  readonly first: number
  /** How many are requested. */
  readonly count: number
}

/** Answers a {@link SketchRequest} with the coded symbols that were requested. */
export interface SketchResponse {
  readonly kind: 'sketch-response'
  /** The fingerprint of what is active at the sender. */
  readonly fingerprint: Uint8Array
  /** How many updates are active at the sender. */
  readonly updates: number
  /** Index of the first coded symbol. */
  readonly first: number
  /** A multiple of 4 bytes; none if the fingerprints are equal or there are no such symbols. */
  readonly symbols: Uint8Array
}

/** Names updates that the receiver lacks, and requests the digests of those that the sender lacks. See {@link DigestResponse}. */
export interface DifferenceRequest {
  readonly kind: 'difference-request'
  readonly digests: DigestBlock
  /** Short ids, one after the other: a multiple of 8 bytes. */
  readonly ids: Uint8Array
}

export type Message =
  | ViewRequest
  | ViewResponse
  | DigestRequest
  | DigestResponse
  | ContentRequest
  | ContentResponse
  | Neighbor
  | Ihave
  | EagerPush
  | Prune
  | Refused
  | SketchRequest
  | SketchResponse
  | DifferenceRequest

/** The messages of fetch and anti-entropy, and `ihave`: they name updates, or bring contents that were requested. */
export type SetMessage = Exclude<
  Message,
  ViewRequest | ViewResponse | Neighbor | EagerPush | Prune | Refused
>

export type MessageKind = Message['kind']

/**
 * The message versions that this release reads, in any codec. Transports exchange them before the first message and refuse a
 * peer that shares none. A node that writes a new version must still read the previous one, so that a group can be upgraded
 * node by node.
 */
export const MESSAGE_VERSIONS: { readonly first: number; readonly last: number } = {
  first: 1,
  last: 1
}

/** Per-message limits: view entries, digests, contents. Every codec must support them; no node may exceed them. */
export const MAX_VIEW_ENTRIES = 128
export const MAX_DIGESTS = 5000
export const MAX_CONTENTS = 1024

/** The highest number of a tree. Two nodes that draw the same one share a tree, which costs a little and loses nothing. */
export const MAX_TREE = 0xfff_ffff

/**
 * The unit of ages of contents, and the highest age, some five months: older updates stay at it. An age is the time since
 * `submit`, without the time that messages were under way.
 */
export const AGE_UNIT_MS = 100
export const MAX_CONTENT_AGE = 0x7ff_ffff

/** Returns the age at `nowMs` of what was submitted at `submittedAtMs`, in units of {@link AGE_UNIT_MS}. */
export function ageAt(nowMs: number, submittedAtMs: number): number {
  const age = Math.floor((nowMs - submittedAtMs) / AGE_UNIT_MS)
  return Math.max(0, Math.min(age, MAX_CONTENT_AGE))
}

/** The highest check of an {@link EagerPush}. */
export const MAX_CHECK = 0xfff_ffff

/** The length of a fingerprint, and the highest number of updates in a {@link SketchResponse}. */
export const FINGERPRINT_BYTES = 16
export const MAX_COUNT = 0xfff_ffff

/** The most coded symbols of a sketch, and the most bytes of symbols or of short ids in one message. */
export const MAX_SYMBOLS = 4096
export const MAX_SKETCH_BYTES = 81_920

/** The lengths of symbols and of short ids in a message are multiples of these, however long both are in a group. */
export const SYMBOL_UNIT_BYTES = 4
export const SHORT_ID_UNIT_BYTES = 8

/** The most bytes that a content adds to a message beside its own. */
export const CONTENT_OVERHEAD_BYTES = 16

/** The most bytes that a digest takes in a message: 32, or 64 characters of hex and their quotes beside base64 contents. */
export const DIGEST_COST_BYTES = 64

/** Headroom, in digests, reserved for the header fields of sketch messages. */
export const SKETCH_OVERHEAD_DIGESTS = 2

/** A message to send. */
export interface Send {
  readonly kind: 'send'
  readonly to: Address
  readonly message: Message
  /** The updates whose contents the message carries. */
  readonly serves?: readonly DigestKey[]
}

const RESPONSES: readonly MessageKind[] = [
  'view-response',
  'digest-response',
  'content-response',
  'sketch-response'
]

/** Returns whether a message of that kind is dropped as `unsolicited` unless it was requested. */
export function isResponse(kind: MessageKind): boolean {
  return RESPONSES.includes(kind)
}
