/**
 * What was asked for and is awaited: the only contents that are accepted.
 *
 * Each digest is asked of one peer at a time. A peer has at most one request open, for about what one answer carries; what
 * else it has offered waits, so that a long catch-up comes in batches at the pace of both sides. When a peer does not
 * deliver, what it was asked for is asked of the next that offered the same. Silence is no evidence of anything: messages
 * are lost. An answer without what was offered is, and such a peer is asked last. All is bounded; nothing else is kept of
 * an offer.
 */

import type { Address } from '../peer.ts'
import type { DigestKey } from '../update.ts'
import { Alternates } from './alternates.ts'
import { BatchSize } from './batch-size.ts'
import { NotedOffers } from './noted-offers.ts'
import type { Answer, RequestedPeer, RequestedPeerLimits } from './requested-peer.ts'
import { strangerShare } from './requested-peer.ts'
import { RequestedPeers } from './requested-peers.ts'

/** The part of all requests that peers which have served nothing may have together: the rest is for those that have. */
const STRANGERS_PART = 1 / 2

/** After so many lapses in a row nothing waits for the peer any longer. Loss of 30 % does that one time in 200. */
const MAX_LAPSES = 8

/** A peer that has served is asked again so often for what only it has offered. */
const MAX_RETRIES = 2

/** Of how many that were asked for in vain the contents are still welcome. */
const MAX_GIVEN_UP = 16_384

interface Wanted {
  peer: RequestedPeer
  /** Others that offered the same. */
  alternates: Alternates | undefined
  /** How often `peer` was asked again. */
  retries: number
}

/** What follows when digests moved: peers that may be sent a request, and how many digests were given up. */
export interface Moved {
  readonly affected: readonly Address[]
  readonly lost: number
  /** Those of the lost that a peer has not brought that had served others before. */
  readonly givenUp: readonly DigestKey[]
  readonly of: Address | undefined
}

const NOTHING_MOVED: Moved = { affected: [], lost: 0, givenUp: [], of: undefined }

export interface PendingRequestLimits extends RequestedPeerLimits {
  readonly maxRequests: number
  /** About what one answer carries. */
  readonly maxBatchBytes: number
}

export class PendingRequests {
  readonly #limits: PendingRequestLimits
  readonly #wanted = new Map<DigestKey, Wanted>()
  readonly #peers: RequestedPeers
  readonly #open = new Set<RequestedPeer>()
  /** No open request lapses before. */
  #dueMs = Infinity
  /** How many digests are wanted of peers that have served nothing. */
  #ofStrangers = 0
  readonly #noted = new NotedOffers()
  readonly #batch: BatchSize
  /** Digests that were asked for in vain, in order: their contents may still come, and are welcome. */
  readonly #givenUp = new Set<DigestKey>()

  constructor(limits: PendingRequestLimits) {
    this.#limits = limits
    this.#peers = new RequestedPeers(limits)
    this.#batch = new BatchSize(limits.maxRequestsPerPeer, limits.maxBatchBytes)
  }

  /** Digests wanted, asked for or queued. */
  get size(): number {
    return this.#wanted.size
  }

  /** When an open request may have lapsed, at the earliest; Infinity when none is open. */
  get dueMs(): number {
    return this.#dueMs
  }

  has(key: DigestKey): boolean {
    return this.#wanted.has(key)
  }

  /** How many more digests may be wanted of `from`. At most 0 when none. */
  freeSlots(from: Address): number {
    const peer = this.#peers.find(from)
    const { maxRequests } = this.#limits
    const ofAll = maxRequests - this.#wanted.size
    const ofPeer = peer === undefined ? strangerShare(this.#limits) : peer.freeSlots
    if (peer?.hasServed === true) return Math.min(ofAll, ofPeer)
    return Math.min(ofAll, ofPeer, Math.ceil(maxRequests * STRANGERS_PART) - this.#ofStrangers)
  }

  /** How many more digests that `from` offers may be wanted of it or noted until it has served others. */
  freeOffers(from: Address, nowMs: number): number {
    return Math.max(0, this.freeSlots(from)) + this.#freeNotes(from, nowMs)
  }

  /** Notes an offer beyond the share of `from`, for when it has served others; returns whether there is a place. */
  note(key: DigestKey, from: Address, nowMs: number): boolean {
    if (this.#freeNotes(from, nowMs) <= 0) return false
    this.#noted.add(key, from)
    return true
  }

  /** Takes as many noted offers of `from` as may be wanted of it now. */
  takeNoted(from: Address): readonly DigestKey[] {
    return this.#noted.take(from, this.freeSlots(from))
  }

  /** Forgets the noted offers of `from` unless a request to it is open: nothing would come to look at them. Returns how many. */
  dropNoted(from: Address): number {
    return this.#peers.find(from)?.isOpen === true ? 0 : this.#noted.drop(from)
  }

  /** Whether `from` has lately answered without what it had offered. It is asked last. */
  distrusts(from: Address, nowMs: number): boolean {
    return this.#peers.find(from)?.distrusted(nowMs) === true
  }

  /** Whether `from` has brought contents that were wanted, lately. */
  hasServed(from: Address): boolean {
    return this.#peers.find(from)?.hasServed === true
  }

  /** Wants a digest of `from`, for the next request to it. */
  want(key: DigestKey, from: Address): void {
    this.#givenUp.delete(key)
    const peer = this.#peers.employ(from)
    const wanted: Wanted = { peer, alternates: undefined, retries: 0 }
    this.#wanted.set(key, wanted)
    this.#assign(key, wanted, peer)
  }

  /** `from` offers a digest that is wanted already. It is wanted of `from` instead if that is the better source. */
  alsoOffered(key: DigestKey, from: Address, nowMs: number): void {
    const wanted = this.#wanted.get(key)!
    const { peer } = wanted
    if (peer.address === from) return
    const isTrusted = !this.distrusts(from, nowMs)
    const isWaitingInVain = peer.lapses > 0 && (wanted.retries > 0 || peer.queued.has(key))
    if (isTrusted && (isWaitingInVain || peer.distrusted(nowMs)) && this.freeSlots(from) > 0) {
      this.#release(key, peer)
      wanted.alternates?.delete(from)
      this.#addAlternate(wanted, peer.address, false, nowMs)
      this.#assign(key, wanted, this.#peers.employ(from))
      this.#peers.rest(peer)
      return
    }
    this.#addAlternate(wanted, from, isTrusted, nowMs)
  }

  /**
   * Nothing more is wanted of `to` than what an open request names: there is no room for it any longer. Returns how much was.
   */
  dropWanted(to: Address): number {
    const peer = this.#peers.find(to)
    if (peer === undefined || peer.isOpen) return 0
    const keys = [...peer.requested, ...peer.queued]
    // What a request has named may be under way.
    for (const dropped of keys) {
      this.#release(dropped, peer)
      this.#giveUp(dropped)
    }
    this.#peers.rest(peer)
    return keys.length
  }

  /** Opens the next request to `to`, unless one is open or nothing is wanted of it: the digests to name. */
  open(to: Address, nowMs: number): DigestKey[] {
    const peer = this.#peers.find(to)
    if (peer === undefined || peer.isOpen || peer.wanted === 0) return []
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

  /** What is known of `from`, if anything was asked of it lately. */
  of(from: Address): RequestedPeer | undefined {
    return this.#peers.find(from)
  }

  /**
   * A content arrived, in an answer of `from` or otherwise: whether it was wanted, now or a while ago, of whomever; it is no
   * longer.
   */
  take(key: DigestKey, from?: Address): boolean {
    if (from !== undefined) this.#peers.find(from)?.brings(key)
    const wanted = this.#wanted.get(key)
    if (wanted === undefined) return this.#givenUp.delete(key)
    this.#wanted.delete(key)
    this.#release(key, wanted.peer)
    this.#peers.rest(wanted.peer)
    return true
  }

  /** `from` sent so many contents unsolicited that were new here. */
  pushed(from: Address, contents: number, nowMs: number): void {
    const peer = this.#peers.employ(from)
    this.#credit(peer, contents)
    peer.sends(nowMs)
    this.#peers.rest(peer)
  }

  /** `from` sent contents when it was asked, each of which was told by {@link take}. */
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
      this.#peers.rest(peer)
    }
    if (!peer.isOpen) return { ...NOTHING_MOVED, affected: [from] }
    const isEmpty = answer.contents === 0 || answer.isForged
    if (answers === 'lapsed' || answer.isUseful || !isEmpty) {
      peer.sends(nowMs)
      return NOTHING_MOVED
    }
    // An answer that brings nothing says that the rest of the request is not there either.
    this.#open.delete(peer)
    peer.lacked(nowMs, answer.isForged)
    return this.#reassign(peer, [...peer.requested], nowMs)
  }

  /** `from` cannot be reached: others are asked for all that was wanted of it. */
  failed(from: Address, nowMs: number): Moved {
    const peer = this.#peers.find(from)
    if (peer === undefined) return NOTHING_MOVED
    this.#open.delete(peer)
    peer.close()
    const dropped = this.#noted.drop(from)
    return this.#reassign(peer, [...peer.requested, ...peer.queued], nowMs, dropped)
  }

  /** The peers whose open request has lapsed. */
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
   * The open request to `from` has lapsed: others are asked for what it named, and for what waits if they offered it. What
   * waits and only `from` has offered goes on waiting; what was named is asked for again a few times if `from` has served.
   */
  lapse(from: Address, nowMs: number): Moved {
    const peer = this.#peers.find(from)!
    this.#open.delete(peer)
    peer.lapse()
    const isSilent = !peer.hasServed || peer.lapses >= MAX_LAPSES
    const dropped = isSilent ? this.#noted.drop(from) : 0
    const moving: DigestKey[] = []
    for (const key of peer.requested) {
      const wanted = this.#wanted.get(key)!
      const isLost =
        wanted.alternates?.isEmpty === false || !peer.hasServed || wanted.retries >= MAX_RETRIES
      if (isLost) moving.push(key)
      else wanted.retries++
    }
    for (const key of peer.queued) {
      if (this.#wanted.get(key)!.alternates?.isEmpty === false || peer.lapses >= MAX_LAPSES)
        moving.push(key)
    }
    return this.#reassign(peer, moving, nowMs, dropped)
  }

  #freeNotes(from: Address, nowMs: number): number {
    const peer = this.#peers.find(from)
    const { maxRequests, maxRequestsPerPeer } = this.#limits
    const share = peer?.unwantedShare(nowMs) ?? maxRequestsPerPeer - strangerShare(this.#limits)
    const ofAll = peer?.hasServed === true ? maxRequests : Math.ceil(maxRequests * STRANGERS_PART)
    return Math.min(share - this.#noted.of(from), ofAll - this.#noted.size)
  }

  #credit(peer: RequestedPeer, contents: number): void {
    if (!peer.hasServed) this.#ofStrangers -= peer.wanted
    peer.served(contents)
  }

  #assign(key: DigestKey, wanted: Wanted, peer: RequestedPeer): void {
    wanted.peer = peer
    wanted.retries = 0
    peer.queued.add(key)
    if (!peer.hasServed) this.#ofStrangers++
  }

  #release(key: DigestKey, peer: RequestedPeer): void {
    const wasWanted = peer.requested.delete(key) || peer.queued.delete(key)
    if (wasWanted && !peer.hasServed) this.#ofStrangers--
  }

  #addAlternate(wanted: Wanted, from: Address, isTrusted: boolean, nowMs: number): void {
    wanted.alternates ??= new Alternates()
    wanted.alternates.add(from, isTrusted, (peer) => this.distrusts(peer, nowMs))
  }

  #giveUp(key: DigestKey): void {
    this.#wanted.delete(key)
    this.#givenUp.add(key)
    if (this.#givenUp.size <= MAX_GIVEN_UP) return
    const [oldest] = this.#givenUp
    this.#givenUp.delete(oldest!)
  }

  /** Moves digests from `peer` to the next that offered each. Of its offers, `dropped` are lost already. */
  #reassign(peer: RequestedPeer, keys: readonly DigestKey[], nowMs: number, dropped = 0): Moved {
    const affected = new Set<Address>([peer.address])
    const givenUp: DigestKey[] = []
    for (const key of keys) {
      this.#release(key, peer)
      const wanted = this.#wanted.get(key)!
      const next = wanted.alternates?.take((each) => this.distrusts(each, nowMs))
      if (next === undefined) {
        this.#giveUp(key)
        givenUp.push(key)
        continue
      }
      this.#assign(key, wanted, this.#peers.employ(next))
      affected.add(next)
    }
    this.#peers.rest(peer)
    const lost = dropped + givenUp.length
    return { affected: [...affected], lost, givenUp, of: peer.hasServed ? peer.address : undefined }
  }
}
