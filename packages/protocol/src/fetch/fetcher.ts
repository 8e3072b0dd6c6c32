/**
 * Fetches contents: requests what peers offer, in bounded batches, and takes what they send. Peers offer updates by naming
 * their digests, in an `ihave` or in an answer of anti-entropy.
 */

import { countDrop, drops, unsolicited, type DropReason } from '../model/drop.ts'
import type { FamilyEffect } from '../model/effect.ts'
import type { Message, MessageOf, Send } from '../model/message.ts'
import type { Address } from '../model/peer.ts'
import { countDigests, digestKey, packKeys } from '../model/update.ts'
import type { DigestBlock, DigestKey, HashFunction } from '../model/update.ts'
import type { Verdict } from '../model/verdict.ts'
import { unsolicitedContent } from '../model/violation.ts'
import type { Unacknowledged } from '../store/unacknowledged.ts'
import type { UpdateStore } from '../store/update-store.ts'
import type { FetcherConfig } from './config.ts'
import { ContentReceiver, type PushResult } from './content-receiver.ts'
import { PendingRequests, type Moved } from './pending-requests.ts'
import { serve } from './serving.ts'

/** The number of offers that are no digest request: see {@link Fetcher.offered}. */
const NO_REQUEST = 0

export interface FetcherParts {
  readonly config: FetcherConfig
  readonly hash: HashFunction
  readonly store: UpdateStore
  readonly unacknowledged: Unacknowledged
  /** Whether contents of others are stored only after {@link Fetcher.validated}. */
  readonly validates: boolean
  /** Returns how many more updates the handler can take. No more are requested, which gives back-pressure. */
  readonly freeSlots: () => number
}

export class Fetcher {
  readonly #config: FetcherConfig
  readonly #store: UpdateStore
  readonly #unacknowledged: Unacknowledged
  readonly #pending: PendingRequests
  readonly #receiver: ContentReceiver
  readonly #freeSlots: () => number

  constructor({ config, hash, store, unacknowledged, validates, freeSlots }: FetcherParts) {
    this.#freeSlots = freeSlots
    this.#config = config
    this.#store = store
    this.#unacknowledged = unacknowledged
    this.#pending = new PendingRequests({
      maxRequests: config.maxRequests,
      maxRequestsPerPeer: Math.min(config.maxRequestsPerPeer, config.maxDigestsPerMessage),
      maxBatchBytes: config.maxBatchBytes,
      timeoutMs: config.requestTimeoutMs
    })
    this.#receiver = new ContentReceiver({
      config,
      hash,
      store,
      pending: this.#pending,
      validates,
      freeSlots
    })
  }

  /** When a request times out. */
  get dueMs(): number {
    return this.#pending.dueMs
  }

  /** Contents that are requested or queued, that wait for a verdict, and that are postponed. */
  gauges(): { pendingRequests: number; pendingValidations: number; postponedUpdates: number } {
    return {
      pendingRequests: this.#pending.size,
      pendingValidations: this.#receiver.validating,
      postponedUpdates: this.#receiver.postponed
    }
  }

  /** Handles requests that timed out, and reports missed updates that no peer offers any more. */
  tick(nowMs: number): FamilyEffect[] {
    const effects = this.#receiver.takeLost(nowMs)
    for (const peer of this.#pending.lapsed(nowMs))
      effects.push(...this.#afterMove(nowMs, this.#pending.lapse(peer, nowMs)))
    return effects
  }

  /** Returns about how many more contents may be requested from `from`. */
  freeSlotsFor(nowMs: number, from: Address): number {
    const expected = this.#pending.size + this.#receiver.validating
    const free = Math.min(this.#config.maxRequests, this.#freeSlots()) - expected
    return Math.max(0, Math.min(this.#pending.freeOffers(from, nowMs), free))
  }

  /** Returns how many of the digests that `from` offers are new here and not postponed. */
  countAcceptable(nowMs: number, from: Address, digests: DigestBlock): number {
    return this.#store.countUnknown(digests) - this.#receiver.countPostponed(digests, from, nowMs)
  }

  /** Notes that `from` has named all that it has and this node lacks. */
  fullAnswer(from: Address): void {
    this.#receiver.fullAnswer(from)
  }

  /**
   * Handles digests that `from` names: requests those that are new here, if `fetches`, and marks those active here with the
   * number of the digest request that named them.
   */
  offered(
    nowMs: number,
    from: Address,
    digests: DigestBlock,
    fetches: boolean = true,
    requestNumber: number = NO_REQUEST
  ): FamilyEffect[] {
    const refused = new Map<DropReason, number>()
    for (let index = 0; index < countDigests(digests); index++) {
      const key = digestKey(digests, index)
      const stored = this.#store.get(key)
      if (stored !== undefined) {
        stored.namedIn = requestNumber
        this.#unacknowledged.acknowledged(key)
      } else if (fetches && this.#store.status(key) === 'unknown') {
        const reason = this.#enqueue(nowMs, key, from)
        if (reason !== undefined) countDrop(refused, reason)
      }
    }
    return [...drops(from, refused), ...this.#openRequest(nowMs, from)]
  }

  /** Answers a content request. */
  serve(nowMs: number, to: Address, digests: DigestBlock): Send {
    return serve(nowMs, this.#config, this.#store, to, digests)
  }

  /** Returns whether a content request to `from` is open, or timed out so recently that its answer is still read. */
  isAwaiting(nowMs: number, from: Address): boolean {
    return this.#pending.of(from)?.mayAnswer(nowMs) === true
  }

  /** Receives requested contents. */
  answered(nowMs: number, from: Address, response: MessageOf<'content-response'>): FamilyEffect[] {
    const { contents } = response
    if (!this.isAwaiting(nowMs, from))
      return [unsolicited(from, Math.max(1, contents.length)), unsolicitedContent(from)]
    const { effects, useful } = this.#receiver.answered(nowMs, from, response)
    const answer = {
      contents: contents.length,
      bytes: contents.reduce((sum, { length }) => sum + length, 0),
      isUseful: useful,
      isForged: effects.some(({ kind }) => kind === 'violation')
    }
    return [...effects, ...this.#afterMove(nowMs, this.#pending.answered(from, answer, nowMs))]
  }

  /** Receives contents that `from` pushes. */
  pushed(nowMs: number, from: Address, push: MessageOf<'eager-push'>): PushResult {
    const pushed = this.#receiver.pushed(nowMs, from, push)
    for (const key of pushed.duplicates) this.#unacknowledged.acknowledged(key)
    if (pushed.taken.length > 0) this.#pending.pushed(from, pushed.taken.length, nowMs)
    return pushed
  }

  /** Receives the verdict on a content. Without one (`undefined`), the update is postponed as for `later`. */
  validated(nowMs: number, key: DigestKey, verdict?: Verdict): FamilyEffect[] {
    return this.#receiver.validated(nowMs, key, verdict)
  }

  /** Notes that the application has submitted the update itself, so that it need not be fetched. */
  submitted(key: DigestKey): void {
    this.#pending.take(key)
    this.#receiver.submitted(key)
  }

  /** Notes that a part of a message of `from` has arrived. */
  arriving(nowMs: number, from: Address): void {
    this.#pending.of(from)?.arrives(nowMs)
  }

  /** Requests from other peers what is pending from `to`, because a message to it could not be sent. */
  sendFailed(nowMs: number, to: Address): FamilyEffect[] {
    return this.#afterMove(nowMs, this.#pending.failed(to, nowMs))
  }

  /** Queues a content that `from` offers for the next request to it. Returns the reason to drop the offer instead, if any. */
  #enqueue(nowMs: number, key: DigestKey, from: Address): DropReason | undefined {
    if (this.#receiver.isValidating(key) || this.#receiver.offered(key, from, nowMs))
      return undefined
    if (this.#pending.has(key)) {
      this.#pending.alsoOffered(key, from, nowMs)
      return undefined
    }
    const expected = this.#pending.size + this.#receiver.validating
    if (expected >= this.#freeSlots())
      return this.#receiver.misses(key, from, 'handler-queue-full', nowMs)
    if (!this.#store.hasCapacity(expected + 1, this.#config.maxContentBytes, nowMs))
      return this.#receiver.misses(key, from, 'store-full', nowMs)
    if (expected >= this.#config.maxRequests) return 'request-limit'
    if (this.#pending.freeSlots(from) <= 0) {
      if (this.#pending.note(key, from, nowMs)) return undefined
      return this.#pending.distrusts(from, nowMs) ? 'peer-distrusted' : 'request-limit'
    }
    this.#pending.enqueue(key, from)
    return undefined
  }

  /** Sends the requests that follow when digests moved to other peers, and reports the contents given up. */
  #afterMove(nowMs: number, moved: Moved): FamilyEffect[] {
    const effects = moved.affected.flatMap((peer) => this.#openRequest(nowMs, peer))
    if (moved.lost > 0)
      effects.push({ kind: 'dropped', reason: 'not-delivered', count: moved.lost })
    if (moved.of !== undefined) this.#receiver.notDelivered(moved.givenUp, moved.of, nowMs)
    return effects
  }

  /** Opens the next request to `to`, unless one is open. Returns no `send` when nothing is queued. */
  #openRequest(nowMs: number, to: Address): FamilyEffect[] {
    const refused = new Map<DropReason, number>()
    for (const key of this.#pending.takeNoted(to)) {
      if (this.#store.status(key) !== 'unknown') continue
      const reason = this.#enqueue(nowMs, key, to)
      if (reason !== undefined) countDrop(refused, reason)
    }
    if (this.#freeSlots() <= 0)
      countDrop(refused, 'handler-queue-full', this.#pending.dropPending(to))
    const keys = this.#pending.open(to, nowMs)
    countDrop(refused, 'request-limit', this.#pending.dropNoted(to))
    const effects: FamilyEffect[] = drops(to, refused)
    const message: Message = { kind: 'content-request', digests: packKeys(keys) }
    return keys.length === 0 ? effects : [...effects, { kind: 'send', to, message }]
  }
}
