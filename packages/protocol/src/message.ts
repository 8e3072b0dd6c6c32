/**
 * The wire on one page: thirteen messages, four exchanges and three calls. Messages carry no sender; the transport vouches for it.
 *
 * ```text
 *   A                                   B        peer sampling (Jelasity et al. 2007, fig. 1)
 *   |-- view-request [A 0, ...] ------->|        an empty view asks for a pull only
 *   |<------- view-response [B 0, ...] -|        if B pulls
 *
 *   A                                   B        dissemination
 *   |-- digest-request (what I have) -->|        no digests asks for a pull only
 *   |<-- digest-response (what you lack)|        if B pulls
 *   |<-- content-request (give me) -----|        at most one open per peer; the rest follows the answer
 *   |-- content-response (here it is) ->|        as much as fits; empty when nothing asked for is left
 *
 *   A                                   B        broadcast, between neighbours
 *   |-- announcement (new here) ------->|        B asks for the contents; no digests: A chose B as a neighbour
 *   |-- content-push (new here) ------->|        down the tree of whoever submitted it
 *   |<------------------------- prune --|        B had it already: this link is no branch of that tree
 *   |<----------------------- refused --|        B cannot take it now: nor is it one, until B asks for a content
 *
 *   A                                   B        dissemination, where much is known: only differences travel
 *   |-- sketch-request (fingerprint) -->|
 *   |<- sketch-response (cells) --------|        no cells: both know the same. Until cells tell, A asks for the next ones
 *   |-- difference-request ------------>|        digests that B lacks, of which B asks for the contents as always,
 *   |<-- digest-response ---------------|        and short ids of which A wants the digests; also those B holds as expired
 * ```
 */

import type { Address, Peer } from './peer.ts'
import type { Digest, DigestBlock, DigestKey } from './update.ts'

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
 * {@link DifferenceRequest}: the digests asked for, and those that it named and that are expired at the sender.
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

/** Contents, in the order asked, as many as fit. No digests: the receiver derives them, so they cannot disagree. */
export interface ContentResponse {
  readonly kind: 'content-response'
  readonly contents: readonly Uint8Array[]
  /** The age of each content, in units of {@link AGE_UNIT_MS}, from 0 to {@link MAX_CONTENT_AGE}. */
  readonly ages: readonly number[]
}

/** Tells a neighbour of updates that are new at the sender; without digests, that it is a neighbour. Not answered. */
export interface Announcement {
  readonly kind: 'announcement'
  readonly digests: DigestBlock
}

/** Hands contents on, unasked, along the tree of the node that submitted them: a number that it drew. */
export interface ContentPush {
  readonly kind: 'content-push'
  /** From 0 to {@link MAX_TREE}. */
  readonly tree: number
  /**
   * What `digestCheck` makes of the digests of the contents: a content that is fetched must have the digest by which it was
   * asked for, and one that is handed on must not be taken damaged either.
   */
  readonly check: number
  readonly contents: readonly Uint8Array[]
  /** As in a {@link ContentResponse}. */
  readonly ages: readonly number[]
}

/**
 * Answers a {@link ContentPush} of which the receiver cannot take some now, for reasons of its own. The link is no branch
 * of that tree until the receiver asks for a content again.
 */
export interface Refused {
  readonly kind: 'refused'
  readonly tree: number
  /** What was not taken. */
  readonly digests: DigestBlock
}

/** Answers a {@link ContentPush} that brought nothing new: hand nothing of this tree to me. */
export interface Prune {
  readonly kind: 'prune'
  readonly tree: number
}

/** Opens a reconciliation: the fingerprint of what is active at the sender. Unless the receiver's is the same, it sends cells. */
export interface SketchRequest {
  readonly kind: 'sketch-request'
  /** {@link FINGERPRINT_BYTES} bytes. */
  readonly fingerprint: Uint8Array
  /** Which cells: so many from that one on. */
  readonly first: number
  readonly wanted: number
}

/** Answers a {@link SketchRequest}: the fingerprint and count of what is active at the sender, and the cells asked for. */
export interface SketchResponse {
  readonly kind: 'sketch-response'
  readonly fingerprint: Uint8Array
  readonly count: number
  readonly first: number
  /** A multiple of 4 bytes; none when the fingerprints are the same, or when there are no such cells. */
  readonly cells: Uint8Array
}

/** Names what the receiver of this lacks, and asks it for the digests of what the sender lacks; by a {@link DigestResponse}. */
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
  | Announcement
  | ContentPush
  | Prune
  | Refused
  | SketchRequest
  | SketchResponse
  | DifferenceRequest

/** What is said of sets of updates, and the contents that were asked for: all but views, and what runs along trees. */
export type SetMessage = Exclude<
  Message,
  ViewRequest | ViewResponse | ContentPush | Prune | Refused
>

export type MessageKind = Message['kind']

/**
 * The versions of messages that a node of this release reads, in any codec: transports tell them to peers before the first
 * message, and refuse a peer that reads none of them. A node that writes a new version goes on to read the last one, or
 * else no group can be upgraded node by node.
 */
export const MESSAGE_VERSIONS: { readonly first: number; readonly last: number } = {
  first: 1,
  last: 1
}

/** What every codec carries in one message, and no node puts into one: entries of a view, digests, contents. */
export const MAX_VIEW_ENTRIES = 128
export const MAX_DIGESTS = 5000
export const MAX_CONTENTS = 1024

/** The highest number of a tree. Two nodes that draw the same one share a tree, which costs a little and loses nothing. */
export const MAX_TREE = 0xfff_ffff

/**
 * What ages of contents are counted in, and the highest, some five months: an update that is older stays as old. An age
 * is what has passed since `submit`, without the time that messages were under way.
 */
export const AGE_UNIT_MS = 100
export const MAX_CONTENT_AGE = 0x7ff_ffff

/** Returns the age at `nowMs` of what was submitted at `submittedAtMs`, in units of {@link AGE_UNIT_MS}. */
export function ageAt(nowMs: number, submittedAtMs: number): number {
  const age = Math.floor((nowMs - submittedAtMs) / AGE_UNIT_MS)
  return Math.max(0, Math.min(age, MAX_CONTENT_AGE))
}

/** The highest check of a {@link ContentPush}. */
export const MAX_CHECK = 0xfff_ffff

/**
 * The bytes of a fingerprint, the highest count of updates, the most cells of a sketch, and the most bytes of cells, or of
 * short ids, in one message.
 */
export const FINGERPRINT_BYTES = 16
export const MAX_COUNT = 0xfff_ffff
export const MAX_CELLS = 4096
export const MAX_SKETCH_BYTES = 81_920

/** What the bytes of cells, and those of short ids, are a multiple of, however long both are in a group. */
export const CELL_UNIT_BYTES = 4
export const SHORT_ID_UNIT_BYTES = 8

/** What one more content may cost in a message beside its own bytes. */
export const CONTENT_OVERHEAD_BYTES = 16

/** What one digest may cost in a message: 32 bytes, or 64 characters of hex and their marks in a text of base64 contents. */
export const DIGEST_COST_BYTES = 64

/** So many digests less than fit are taken for what a message of cells or short ids holds beside them. */
export const SKETCH_OVERHEAD_DIGESTS = 2

/** A message to be handed to the network. */
export interface Send {
  readonly kind: 'send'
  readonly to: Address
  readonly message: Message
  /** The updates whose contents the message carries. */
  readonly serves?: readonly Digest[]
  /** The same as keys, when the receiver has asked for them. */
  readonly answers?: readonly DigestKey[]
}

const ANSWERS: readonly Message['kind'][] = [
  'view-response',
  'digest-response',
  'content-response',
  'sketch-response'
]

/** Whether a message of that kind is dropped as `unasked` when nobody asked for it. */
export function isAnswer(kind: Message['kind']): boolean {
  return ANSWERS.includes(kind)
}
