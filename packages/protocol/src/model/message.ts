/**
 * The wire on one page: all messages, in four families. Messages carry no sender; the transport vouches for it.
 * {@link MESSAGES} and {@link FIELDS} describe all of them; types, checks, samples and documentation are derived from these two.
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

/**
 * The fields of messages, by name: the type of each, and the most that it may hold. Every codec must carry as much, and no node
 * may send more.
 */
export const FIELDS = {
  /** Entries of a view; in a request and its response, the first is the sender's own, with age 0. */
  view: { type: 'peers', most: 128 },
  /** Digests, one after the other. */
  digests: { type: 'digests', most: 5000 },
  /** Contents of updates. No digests: the receiver derives them, so they cannot disagree. */
  contents: { type: 'contents', most: 1024 },
  /**
   * One for each content, in units of {@link AGE_UNIT_MS}: the time since `submit`, without the time that messages were under
   * way. The highest stands for some five months, and for more.
   */
  ages: { type: 'ages', most: 0x7ff_ffff },
  /** The number that a node has drawn for its tree. Two nodes that draw the same share a tree, which loses nothing. */
  tree: { type: 'number', most: 0xfff_ffff },
  /**
   * The `digestCheck` of the digests of the contents. A fetched content must have the digest by which it was requested; this
   * protects a pushed one from damage in the same way.
   */
  check: { type: 'number', most: 0xfff_ffff },
  /** The XOR of what is active at the sender; in a request, with its lasting differences to the receiver toggled. */
  fingerprint: { type: 'bytes', least: 16, most: 16, unit: 16 },
  /** How many updates are active at the sender. */
  updates: { type: 'number', most: 0xfff_ffff },
  /** The index of the first coded symbol of the message or the request. */
  first: { type: 'number', most: 4096 },
  /** How many coded symbols are requested. */
  count: { type: 'number', most: 4096 },
  /** Coded symbols; none if the fingerprints are equal or there are no such symbols. */
  symbols: { type: 'bytes', least: 0, most: 81_920, unit: 4 },
  /** Short ids, one after the other. */
  ids: { type: 'bytes', least: 0, most: 81_920, unit: 8 }
} as const

/**
 * The messages: the fields of each, in order, and a number for codecs that write a kind as one. A number is never used again
 * for another kind. A later version may add kinds, and fields at the end of a kind.
 */
export const MESSAGES = {
  /** Opens a view exchange: the sender's own entry, then part of its view. */
  'view-request': { number: 1, fields: ['view'] },
  /** Answers a `view-request` in the same form. */
  'view-response': { number: 2, fields: ['view'] },
  /** Opens a digest exchange: digests of updates that are active at the sender. */
  'digest-request': { number: 3, fields: ['digests'] },
  /**
   * Answers a `digest-request`: digests active at the sender that the request did not name. Or a `difference-request`: the
   * requested digests, and those that it named and that are expired at the sender.
   */
  'digest-response': { number: 4, fields: ['digests'] },
  /** Asks for the contents behind digests that the receiver has advertised. */
  'content-request': { number: 5, fields: ['digests'] },
  /** Contents, in the requested order, as many as fit. */
  'content-response': { number: 6, fields: ['contents', 'ages'] },
  /** Tells a neighbor which updates are new at the sender. Not answered. */
  ihave: { number: 7, fields: ['digests'] },
  /** Pushes contents that were not requested, along the tree of the node that submitted them. */
  'eager-push': { number: 8, fields: ['tree', 'check', 'contents', 'ages'] },
  /** Answers an `eager-push` that brought nothing new: push nothing of this tree to the sender of this. */
  prune: { number: 9, fields: ['tree'] },
  /** Opens a reconciliation. Unless the sets are equal, the receiver sends coded symbols (Yang et al. 2024, rateless IBLT). */
  'sketch-request': { number: 10, fields: ['fingerprint', 'first', 'count'] },
  /** Answers a `sketch-request` with the coded symbols that were requested. */
  'sketch-response': { number: 11, fields: ['fingerprint', 'updates', 'first', 'symbols'] },
  /** Names updates that the receiver lacks, and requests the digests of those that the sender lacks. See `digest-response`. */
  'difference-request': { number: 12, fields: ['digests', 'ids'] },
  /**
   * Answers an `eager-push` of which the receiver cannot take the named updates now, for reasons of its own. The link is no
   * branch of that tree until the receiver requests a content again.
   */
  refused: { number: 13, fields: ['tree', 'digests'] },
  /** Tells the receiver that the sender has chosen it as a neighbor. Not answered. */
  neighbor: { number: 14, fields: [] }
} as const

export type MessageKind = keyof typeof MESSAGES
export type FieldName = keyof typeof FIELDS

/** The values of fields, by type. */
interface FieldValue {
  readonly peers: readonly Peer[]
  readonly digests: DigestBlock
  readonly contents: readonly Uint8Array[]
  readonly ages: readonly number[]
  readonly number: number
  readonly bytes: Uint8Array
}

/** The message of one kind, or one of several. */
export type MessageOf<Kind extends MessageKind> = Kind extends unknown
  ? {
      readonly [Name in 'kind' | (typeof MESSAGES)[Kind]['fields'][number]]: Name extends FieldName
        ? FieldValue[(typeof FIELDS)[Name]['type']]
        : Kind
    }
  : never

export type Message = MessageOf<MessageKind>

/**
 * The message versions that this release reads, in any codec. Transports exchange them before the first message and refuse a
 * peer that shares none. A node that writes a new version must still read the previous one, so that a group can be upgraded
 * node by node.
 */
export const MESSAGE_VERSIONS: { readonly first: number; readonly last: number } = {
  first: 1,
  last: 1
}

/** The unit of the ages of contents. */
export const AGE_UNIT_MS = 100

/** Returns the age at `nowMs` of what was submitted at `submittedAtMs`, in units of {@link AGE_UNIT_MS}. */
export function ageAt(nowMs: number, submittedAtMs: number): number {
  const age = Math.floor((nowMs - submittedAtMs) / AGE_UNIT_MS)
  return Math.max(0, Math.min(age, FIELDS.ages.most))
}

/** What parts of a message take at most, so that a batch can be cut before it is encoded. */
export const MESSAGE_COST = {
  /** The bytes that a content adds beside its own. */
  contentBytes: 16,
  /** The bytes of a digest: 32, or 64 characters of hex and their quotes beside base64 contents. */
  digestBytes: 64,
  /** The other fields of a sketch message, in digests. */
  sketchDigests: 2
} as const

/** A message to send. */
export interface Send {
  readonly kind: 'send'
  readonly to: Address
  readonly message: Message
  /** The updates whose contents the message carries. */
  readonly serves?: readonly DigestKey[]
}

/** Returns whether a message of that kind is dropped as `unsolicited` unless it was requested. */
export function isResponse(kind: MessageKind): boolean {
  return kind.endsWith('-response')
}
