/**
 * Tracks pending content requests. An answer is accepted only for contents that are pending here.
 *
 * Each digest is requested from one peer at a time. At most one request to a peer is open; it names about twice what one answer carries.
 * Its other offers are queued, so that a long catch-up comes in batches at the pace of both sides. When a peer does not
 * deliver, its digests move to the next peer that offered the same. A timeout only reduces the peer's share, because messages
 * may be lost. A peer that answers without the offered contents is distrusted, and requested from last. All state is bounded.
 */

import type { Address } from '../model/peer.ts'
import type { DigestKey } from '../model/update.ts'
import { Alternates } from './alternates.ts'
import { BatchSize } from './batch-size.ts'
import { NotedOffers } from './noted-offers.ts'
import type { Answer, RequestedPeer, RequestedPeerLimits } from './requested-peer.ts'
import { strangerShare } from './requested-peer.ts'
import { RequestedPeers } from './requested-peers.ts'

/** The part of `maxRequests` that all strangers share: peers that have served nothing yet. */
const STRANGERS_PART = 1 / 2

/** After this many timeouts in a row, nothing stays queued for the peer. With 30 % loss each way, chance does it once in 200. */
const MAX_LAPSES = 8

/** How often a content is requested again from a peer that has served, if no other peer has offered it. */
const MAX_RETRIES = 2

/** The most digests that were given up and whose contents are still accepted. */
const MAX_GIVEN_UP = 16_384

interface Entry {
  peer: RequestedPeer
  /** Other peers that offered the same. */
  alternates: Alternates | undefined
  /** How often the content was requested again from `peer`. */
  retries: number
}

/** The result of moving digests from one peer to others. */
export interface Moved {
  /** Peers to which a next request may be sent. */
  readonly affected: readonly Address[]
  /** How many digests were given up, noted offers included. */
  readonly lost: number
  /** The pending digests that were given up. */
  readonly givenUp: readonly DigestKey[]
  /** The peer that did not deliver them, if it has served other contents before. */
  readonly of: Address | undefined
}

const NOTHING_MOVED: Moved = { affected: [], lost: 0, givenUp: [], of: undefined }

export interface PendingRequestLimits extends RequestedPeerLimits {
  /** The most digests that are pending, from all peers together. */
  readonly maxRequests: number
  /** About how many bytes of contents one answer carries. */
  readonly maxBatchBytes: number
}

export class PendingRequests {
  readonly #limits: PendingRequestLimits
  readonly #entries = new Map<DigestKey, Entry>()
  readonly #peers: RequestedPeers
  readonly #open = new Set<RequestedPeer>()
  /** No open request times out before this. */
  #dueMs = Infinity
  /** How many digests are pending from strangers. */
  #strangerEntries = 0
  readonly #noted = new NotedOffers()
  readonly #batch: BatchSize
  /** Digests that were given up, in order. Their contents are still accepted. */
  readonly #givenUp = new Set<DigestKey>()

  constructor(limits: PendingRequestLimits) {
    this.#limits = limits
    this.#peers = new RequestedPeers(limits)
    this.#batch = new BatchSize(limits.maxRequestsPerPeer, limits.maxBatchBytes)
  }

  /** How many digests are pending: requested or queued. */
  get size(): number {
    return this.#entries.size
  }

  /** The earliest time at which an open request may time out; Infinity when none is open. */
  get dueMs(): number {
    return this.#dueMs
  }

  has(key: DigestKey): boolean {
    return this.#entries.has(key)
  }

  /** Returns how many more digests may be requested from `from`; 0 or less when none. */
  freeSlots(from: Address): number {
    const peer = this.#peers.find(from)
    const { maxRequests } = this.#limits
    const ofAll = maxRequests - this.#entries.size
    const ofPeer = peer === undefined ? strangerShare(this.#limits) : peer.freeSlots
    if (peer?.hasServed === true) return Math.min(ofAll, ofPeer)
    return Math.min(ofAll, ofPeer, Math.ceil(maxRequests * STRANGERS_PART) - this.#strangerEntries)
  }

  /** Returns how many more digests that `from` offers may be requested or noted. */
  freeOffers(from: Address, nowMs: number): number {
    return Math.max(0, this.freeSlots(from)) + this.#maxNotes(from, nowMs)
  }

  /** Notes an offer that exceeds the share of `from`, until the share has grown. Returns false if no more may be noted. */
  note(key: DigestKey, from: Address, nowMs: number): boolean {
    if (this.#maxNotes(from, nowMs) <= 0) return false
    this.#noted.add(key, from)
    return true
  }

  /** Removes and returns as many noted offers of `from` as may be requested from it now. */
  takeNoted(from: Address): readonly DigestKey[] {
    return this.#noted.take(from, this.freeSlots(from))
  }

  /** Removes the noted offers of `from`, unless a request to it is open, whose answer may make slots free for them. Returns how many. */
  dropNoted(from: Address): number {
    return this.#peers.find(from)?.isOpen === true ? 0 : this.#noted.drop(from)
  }

  /** Returns whether `from` has recently answered without what it had offered. Such peers are requested from last. */
  distrusts(from: Address, nowMs: number): boolean {
    return this.#peers.find(from)?.distrusted(nowMs) === true
  }

  /** Returns whether `from` has served contents. The peers idle for longest are forgotten. */
  hasServed(from: Address): boolean {
    return this.#peers.find(from)?.hasServed === true
  }

  /** Queues a digest for the next request to `from`. */
  enqueue(key: DigestKey, from: Address): void {
    this.#givenUp.delete(key)
    const peer = this.#peers.getOrAdd(from)
    const entry: Entry = { peer, alternates: undefined, retries: 0 }
    this.#entries.set(key, entry)
    this.#assign(key, entry, peer)
  }

  /** Adds `from` as an alternate of a pending digest, or moves the digest to `from` if that is the better source. */
  alsoOffered(key: DigestKey, from: Address, nowMs: number): void {
    const entry = this.#entries.get(key)!
    const { peer } = entry
    if (peer.address === from) return
    const isTrusted = !this.distrusts(from, nowMs)
    const isWaitingInVain = peer.lapses > 0 && (entry.retries > 0 || peer.queued.has(key))
    if (isTrusted && (isWaitingInVain || peer.distrusted(nowMs)) && this.freeSlots(from) > 0) {
      this.#release(key, peer)
      entry.alternates?.delete(from)
      this.#addAlternate(entry, peer.address, false, nowMs)
      this.#assign(key, entry, this.#peers.getOrAdd(from))
      this.#peers.markIdle(peer)
      return
    }
    this.#addAlternate(entry, from, isTrusted, nowMs)
  }

  /** Gives up all digests that are pending from `to`, unless a request to it is open. Returns how many there were. */
  dropPending(to: Address): number {
    const peer = this.#peers.find(to)
    if (peer === undefined || peer.isOpen) return 0
    const keys = [...peer.requested, ...peer.queued]
    // Their contents stay welcome, because those that a request has named may be on their way.
    for (const dropped of keys) {
      this.#release(dropped, peer)
      this.#giveUp(dropped)
    }
    this.#peers.markIdle(peer)
    return keys.length
  }

  /** Opens the next request to `to`, and returns the digests to name; none if a request is open or nothing is queued. */
  open(to: Address, nowMs: number): DigestKey[] {
    const peer = this.#peers.find(to)
    if (peer === undefined || peer.isOpen || peer.pending === 0) return []
    const { requested, queued } = peer
    const most = this.#batch.contents
    for (const key of queued) {
      if (requested.size >= most) break
      queued.delete(key)
      requested.add(key)
    }
    peer.open(nowMs, this.#batch.expectedBytes(requested.size))
    this.#open.add(peer)
    this.#dueMs = Math.min(this.#dueMs, peer.lapsesAtMs)
    return [...requested]
  }

  /** Returns the state of `from`, if contents were recently requested from it. */
  of(from: Address): RequestedPeer | undefined {
    return this.#peers.find(from)
  }

  /** Removes a digest whose content arrived, in an answer of `from` or otherwise. Returns whether it was pending or given up. */
  take(key: DigestKey, from?: Address): boolean {
    if (from !== undefined) this.#peers.find(from)?.brings(key)
    const entry = this.#entries.get(key)
    if (entry === undefined) return this.#givenUp.delete(key)
    this.#entries.delete(key)
    this.#release(key, entry.peer)
    this.#peers.markIdle(entry.peer)
    return true
  }

  /** Credits `from` with contents that it pushed and that were new here. */
  pushed(from: Address, contents: number, nowMs: number): void {
    const peer = this.#peers.getOrAdd(from)
    this.#credit(peer, contents)
    peer.sends(nowMs)
    this.#peers.markIdle(peer)
  }

  /** Handles an answer of `from`, after {@link take} was called for each of its contents. */
  answered(from: Address, answer: Answer, nowMs: number): Moved {
    const peer = this.#peers.find(from)
    if (peer === undefined) return NOTHING_MOVED
    const answers = peer.answered(nowMs, answer.bytes)
    if (answers !== undefined || answer.isUseful) {
      this.#credit(peer, answer.contents)
      this.#batch.learn(answer.contents, answer.bytes)
    }
    if (answers === 'open') {
      this.#open.delete(peer)
      this.#peers.markIdle(peer)
    }
    if (!peer.isOpen) return { ...NOTHING_MOVED, affected: [from] }
    const isWorthless = answer.contents === 0 || answer.isForged
    if (answers === 'lapsed' || answer.isUseful || !isWorthless) {
      peer.sends(nowMs)
      return NOTHING_MOVED
    }
    // No requested content came, or a forged one.
    this.#open.delete(peer)
    peer.lacked(nowMs, answer.isForged)
    return this.#reassign(peer, [...peer.requested], nowMs)
  }

  /** Moves all digests that are pending from an unreachable peer to others. */
  failed(from: Address, nowMs: number): Moved {
    const peer = this.#peers.find(from)
    if (peer === undefined) return NOTHING_MOVED
    this.#open.delete(peer)
    peer.close()
    const dropped = this.#noted.drop(from)
    return this.#reassign(peer, [...peer.requested, ...peer.queued], nowMs, dropped)
  }

  /** Returns the peers whose open request has timed out. */
  lapsed(nowMs: number): Address[] {
    if (nowMs < this.#dueMs) return []
    const lapsed: Address[] = []
    this.#dueMs = Infinity
    for (const peer of this.#open) {
      if (peer.hasLapsed(nowMs)) lapsed.push(peer.address)
      this.#dueMs = Math.min(this.#dueMs, peer.lapsesAtMs)
    }
    return lapsed
  }

  /**
   * Ends the open request to `from`, which has timed out. Digests with an alternate move to it. Of the others, queued ones
   * stay queued until the peer has timed out {@link MAX_LAPSES} times in a row, and requested ones are requested again
   * {@link MAX_RETRIES} times if `from` has served, or else given up.
   */
  lapse(from: Address, nowMs: number): Moved {
    const peer = this.#peers.find(from)!
    this.#open.delete(peer)
    peer.lapse()
    const isSilent = !peer.hasServed || peer.lapses >= MAX_LAPSES
    const dropped = isSilent ? this.#noted.drop(from) : 0
    const moving: DigestKey[] = []
    for (const key of peer.requested) {
      const entry = this.#entries.get(key)!
      const moves =
        entry.alternates?.isEmpty === false || !peer.hasServed || entry.retries >= MAX_RETRIES
      if (moves) moving.push(key)
      else entry.retries++
    }
    for (const key of peer.queued) {
      if (this.#entries.get(key)!.alternates?.isEmpty === false || peer.lapses >= MAX_LAPSES)
        moving.push(key)
    }
    return this.#reassign(peer, moving, nowMs, dropped)
  }

  #maxNotes(from: Address, nowMs: number): number {
    const peer = this.#peers.find(from)
    const { maxRequests, maxRequestsPerPeer } = this.#limits
    const share = peer?.maxNotes(nowMs) ?? maxRequestsPerPeer - strangerShare(this.#limits)
    const ofAll = peer?.hasServed === true ? maxRequests : Math.ceil(maxRequests * STRANGERS_PART)
    return Math.min(share - this.#noted.of(from), ofAll - this.#noted.size)
  }

  #credit(peer: RequestedPeer, contents: number): void {
    if (!peer.hasServed) this.#strangerEntries -= peer.pending
    peer.served(contents)
  }

  #assign(key: DigestKey, entry: Entry, peer: RequestedPeer): void {
    entry.peer = peer
    entry.retries = 0
    peer.queued.add(key)
    if (!peer.hasServed) this.#strangerEntries++
  }

  #release(key: DigestKey, peer: RequestedPeer): void {
    const wasPending = peer.requested.delete(key) || peer.queued.delete(key)
    if (wasPending && !peer.hasServed) this.#strangerEntries--
  }

  #addAlternate(entry: Entry, from: Address, isTrusted: boolean, nowMs: number): void {
    entry.alternates ??= new Alternates()
    entry.alternates.add(from, isTrusted, (peer) => this.distrusts(peer, nowMs))
  }

  #giveUp(key: DigestKey): void {
    this.#entries.delete(key)
    this.#givenUp.add(key)
    if (this.#givenUp.size <= MAX_GIVEN_UP) return
    const [oldest] = this.#givenUp
    this.#givenUp.delete(oldest!)
  }

  /** Moves each digest from `peer` to its next alternate, or gives it up. `dropped` counts noted offers already given up. */
  #reassign(peer: RequestedPeer, keys: readonly DigestKey[], nowMs: number, dropped = 0): Moved {
    const affected = new Set<Address>([peer.address])
    const givenUp: DigestKey[] = []
    for (const key of keys) {
      this.#release(key, peer)
      const entry = this.#entries.get(key)!
      const next = entry.alternates?.take((each) => this.distrusts(each, nowMs))
      if (next === undefined) {
        this.#giveUp(key)
        givenUp.push(key)
        continue
      }
      this.#assign(key, entry, this.#peers.getOrAdd(next))
      affected.add(next)
    }
    this.#peers.markIdle(peer)
    const lost = dropped + givenUp.length
    return { affected: [...affected], lost, givenUp, of: peer.hasServed ? peer.address : undefined }
  }
}
