/**
 * Runs anti-entropy and fetching: rounds compare digests, requests fetch new contents in bounded batches (the scheme of the
 * reference crate; Demers et al. 1987, section 1.3, with digests).
 */

import type { DropReason } from '../drop.ts'
import type { Journal } from '../journal.ts'
import type { EagerPush, ContentResponse, Message, SetMessage, SketchResponse } from '../message.ts'
import type { Address } from '../peer.ts'
import type { Rng } from '../random.ts'
import { countDigests, digestKey, digestOfKey, packKeys } from '../update.ts'
import type {
  Digest,
  DigestBlock,
  HashFunction,
  DigestKey,
  Submission,
  UpdateStatus
} from '../update.ts'
import type { Verdict } from '../verdict.ts'
import type { DisseminationConfig } from './config.ts'
import { ContentReceiver } from './content-receiver.ts'
import {
  countDrop,
  drops,
  lastingDrops,
  unsolicited,
  unsolicitedContent,
  type DisseminationEffect,
  type PushResult
} from './effects.ts'
import type { DisseminationGauges } from './gauges.ts'
import { Leaving } from './leaving.ts'
import { mostPerRequest, requestsFor, storeFor } from './parts.ts'
import type { PendingRequests, Moved } from './pending-requests.ts'
import { checkContent, storeFull } from './refusals.ts'
import { NO_REQUEST, Rounds } from './rounds.ts'
import { serve } from './serving.ts'
import { Unacknowledged } from './unacknowledged.ts'
import type { StoredUpdate, UpdateStore } from './update-store.ts'

export class Disseminator {
  readonly #config: DisseminationConfig
  readonly #hash: HashFunction
  readonly #store: UpdateStore
  readonly #pending: PendingRequests
  readonly #rounds: Rounds
  readonly #receiver: ContentReceiver
  readonly #unacknowledged: Unacknowledged
  readonly #leaving: Leaving
  /** The number of the last digest request received: by it, an answer leaves out what the request named. */
  #requestNumber = 0

  /** With `validates`, contents of others are stored only after {@link validated}. `label` is the group's label. */
  constructor(
    config: DisseminationConfig,
    hash: HashFunction,
    rng: Rng,
    nowMs: number,
    validates: boolean,
    journal?: Journal,
    label: string = ''
  ) {
    this.#config = config
    this.#hash = hash
    this.#store = storeFor(config, journal)
    this.#pending = requestsFor(config)
    this.#receiver = new ContentReceiver(config, hash, this.#store, this.#pending, validates)
    const unacknowledged = new Unacknowledged(config.expiration.mode === 'pushCount')
    this.#rounds = new Rounds(config, this.#store, hash, label, rng, nowMs, unacknowledged)
    this.#store.watcher = unacknowledged.watching(this.#store.watcher)
    this.#leaving = new Leaving(this.#rounds, unacknowledged, mostPerRequest(config))
    this.#unacknowledged = unacknowledged
  }

  /** How many more updates the handler can take. No more are requested, which gives back-pressure. */
  set capacity(updates: number) {
    this.#receiver.capacity = updates
  }

  /** When `tick` has work: the next round, or a request that times out. */
  get dueMs(): number {
    return Math.min(this.#rounds.dueMs, this.#pending.dueMs, this.#leaving.dueMs)
  }

  /** How many own updates no peer is known to have. */
  get unacknowledged(): number {
    return this.#unacknowledged.count
  }

  /** Returns the digests of own updates that no peer is known to have, oldest first: unreported expired ones, and active ones. */
  unacknowledgedDigests(): Digest[] {
    const ended = this.#unacknowledged.takeEnded().flatMap(({ digests = [] }) => digests)
    return [...ended, ...Array.from(this.#unacknowledged.keys(), digestOfKey)]
  }

  /** Starts the extra rounds of a node that stops, for updates that no peer is known to have. */
  leave(nowMs: number): void {
    this.#leaving.begin(nowMs)
  }

  gauges(): DisseminationGauges {
    return {
      ...this.#store.gauges(),
      pendingRequests: this.#pending.size,
      pendingValidations: this.#receiver.validating,
      postponedUpdates: this.#receiver.postponed
    }
  }

  /** Expires updates by age. Every other call does so first. */
  advance(nowMs: number): void {
    this.#store.advance(nowMs)
  }

  status(nowMs: number, digestBytes: DigestBlock): UpdateStatus {
    this.advance(nowMs)
    return this.#store.status(digestKey(digestBytes, 0))
  }

  /** Stores a copy of `content` as an active update, and calls `accepted`; or throws with nothing changed. */
  submit(
    nowMs: number,
    content: Uint8Array,
    accepted: (stored: StoredUpdate) => void = () => {}
  ): Submission {
    this.advance(nowMs)
    checkContent(content, this.#config.maxContentBytes)
    const key = digestKey(this.#hash(content), 0)
    const status = this.#store.status(key)
    if (status !== 'unknown') return { digest: digestOfKey(key), status }
    if (!this.#store.hasCapacity(1, content.length, nowMs)) {
      throw storeFull(this.#store, content.length, this.#store.capacityInMs(nowMs))
    }
    this.#pending.take(key)
    this.#receiver.submitted(key)
    // Not `slice`: for a Buffer it returns a view, not a copy.
    const stored = this.#store.add(new Uint8Array(content), key, nowMs)
    this.#unacknowledged.submitted(key)
    accepted(stored)
    return { digest: stored.digest, status: 'accepted' }
  }

  /**
   * Runs a round, when due, with the targets that `chooseTargets` returns; handles requests that timed out; and, after
   * {@link leave}, runs extra rounds with `neighbors` and targets. Does nothing before `dueMs`.
   */
  tick(
    nowMs: number,
    chooseTargets: (count: number) => readonly Address[],
    neighbors: () => readonly Address[] = () => []
  ): DisseminationEffect[] {
    if (nowMs < this.dueMs) return []
    this.advance(nowMs)
    const effects = [...this.#receiver.takeLost(nowMs), ...this.#unacknowledged.takeEnded()]
    for (const peer of this.#pending.lapsed(nowMs))
      effects.push(...this.#afterMove(nowMs, this.#pending.lapse(peer, nowMs)))
    const freeSlotsFor = (peer: Address): number => this.#freeSlotsFor(nowMs, peer)
    effects.push(...this.#rounds.tick(nowMs, chooseTargets, freeSlotsFor))
    const peers = (): Address[] => [...neighbors(), ...chooseTargets(this.#config.fanout)]
    return [...effects, ...this.#leaving.tick(nowMs, peers)]
  }

  receive(nowMs: number, from: Address, message: SetMessage): DisseminationEffect[] {
    this.#unacknowledged.messageReceived()
    this.advance(nowMs)
    switch (message.kind) {
      case 'digest-request':
        return this.#answerDigests(nowMs, from, message.digests)
      case 'digest-response':
        return this.#considerAnswer(nowMs, from, message.digests)
      case 'content-request':
        return [serve(nowMs, this.#config, this.#store, from, message.digests)]
      case 'content-response':
        return this.#accept(nowMs, from, message)
      case 'ihave':
        return this.#consider(nowMs, from, message.digests, true, NO_REQUEST)
      case 'sketch-request':
        return this.#rounds.answerSketch(from, message)
      case 'sketch-response':
        return this.#compare(nowMs, from, message)
      case 'difference-request': {
        const { push } = this.#config
        const answer = this.#rounds.answerDifference(from, message)
        return [...answer, ...this.#consider(nowMs, from, message.digests, push, NO_REQUEST)]
      }
    }
  }

  /** Receives contents that `from` pushes. */
  pushed(nowMs: number, from: Address, push: EagerPush): PushResult {
    this.#unacknowledged.messageReceived()
    this.advance(nowMs)
    const pushed = this.#receiver.pushed(nowMs, from, push)
    for (const key of pushed.duplicates) this.#unacknowledged.acknowledged(key)
    if (pushed.taken.length > 0) this.#pending.pushed(from, pushed.taken.length, nowMs)
    return pushed
  }

  /** Receives the verdict on a content. Without one (`undefined`), the update is postponed as for `later`. */
  validated(nowMs: number, digestBytes: DigestBlock, verdict?: Verdict): DisseminationEffect[] {
    this.advance(nowMs)
    return this.#receiver.validated(nowMs, digestBytes, verdict)
  }

  /** Counts answers and pushes of a message once the network has taken it. */
  sent(nowMs: number, message: Message, answers: readonly DigestKey[] = []): void {
    for (const key of answers) this.#unacknowledged.answered(key)
    if (this.#config.expiration.mode !== 'pushCount') return
    if (message.kind !== 'digest-request' && message.kind !== 'digest-response') return
    this.#store.pushed(message.digests, nowMs)
  }

  /** Notes that a part of a message of `from` has arrived. */
  arriving(nowMs: number, from: Address): void {
    this.#pending.of(from)?.arrives(nowMs)
  }

  /** Requests from other peers what is pending from `to`, because a message to it could not be sent. */
  sendFailed(nowMs: number, to: Address): DisseminationEffect[] {
    this.#rounds.sendFailed(to)
    return this.#afterMove(nowMs, this.#pending.failed(to, nowMs))
  }

  #answerDigests(nowMs: number, from: Address, named: DigestBlock): DisseminationEffect[] {
    const number = ++this.#requestNumber
    const effects = this.#consider(nowMs, from, named, this.#config.push, number)
    if (!this.#config.pull) return effects
    const message: Message = { kind: 'digest-response', digests: this.#rounds.offer(number) }
    return [...effects, { kind: 'send', to: from, message }]
  }

  #compare(nowMs: number, from: Address, response: SketchResponse): DisseminationEffect[] {
    const sends = this.#rounds.compare(nowMs, from, response, this.#freeSlotsFor(nowMs, from))
    if (this.#rounds.lacksNothingOf(from)) this.#receiver.fullAnswer(from)
    return sends ?? [unsolicited(from)]
  }

  /** Does as {@link #consider}, if the answer was requested, and notes for the next rounds whether this one changes anything. */
  #considerAnswer(nowMs: number, from: Address, digests: DigestBlock): DisseminationEffect[] {
    const share = this.#rounds.answered(nowMs, from, digests)
    if (share === undefined) return [unsolicited(from)]
    // Counted before `#consider`, so that it only includes offers that are ignored.
    const postponed = this.#receiver.countPostponed(digests, from, nowMs)
    const effects = this.#consider(nowMs, from, digests, this.#config.pull, NO_REQUEST)
    const { lasting, isFull } = lastingDrops(effects)
    const isPending = this.#store.countUnknown(digests) - postponed > lasting
    if (share === 1 && !this.#rounds.hasMore(from)) this.#receiver.fullAnswer(from)
    this.#rounds.considered(from, share, isPending, isFull)
    return [...effects, ...this.#rounds.goOn(nowMs, from, this.#freeSlotsFor(nowMs, from))]
  }

  /** Requests from `from` the updates that are new here, if `fetches`; marks those active here with `requestNumber`. */
  #consider(
    nowMs: number,
    from: Address,
    digests: DigestBlock,
    fetches: boolean,
    requestNumber: number
  ): DisseminationEffect[] {
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

  /** Queues a content that `from` offers for the next request to it. Returns the reason to drop the offer instead, if any. */
  #enqueue(nowMs: number, key: DigestKey, from: Address): DropReason | undefined {
    if (this.#receiver.isValidating(key) || this.#receiver.offered(key, from, nowMs))
      return undefined
    if (this.#pending.has(key)) {
      this.#pending.alsoOffered(key, from, nowMs)
      return undefined
    }
    const expected = this.#pending.size + this.#receiver.validating
    if (expected >= this.#receiver.capacity)
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

  /** Returns about how many more contents may be requested from `from`. */
  #freeSlotsFor(nowMs: number, from: Address): number {
    const expected = this.#pending.size + this.#receiver.validating
    const free = Math.min(this.#config.maxRequests, this.#receiver.capacity) - expected
    return Math.max(0, Math.min(this.#pending.freeOffers(from, nowMs), free))
  }

  #accept(nowMs: number, from: Address, response: ContentResponse): DisseminationEffect[] {
    const { contents } = response
    if (this.#pending.of(from)?.mayAnswer(nowMs) !== true)
      return [unsolicited(from, Math.max(1, contents.length)), unsolicitedContent(from)]
    const { effects, useful } = this.#receiver.answered(nowMs, from, response)
    const answer = {
      contents: contents.length,
      bytes: contents.reduce((sum, { length }) => sum + length, 0),
      isUseful: useful,
      isForged: effects.some(({ kind }) => kind === 'violation')
    }
    const next = this.#afterMove(nowMs, this.#pending.answered(from, answer, nowMs))
    return [...effects, ...next, ...this.#rounds.goOn(nowMs, from, this.#freeSlotsFor(nowMs, from))]
  }

  /** Sends the requests that follow when digests moved to other peers, and reports the contents given up. */
  #afterMove(nowMs: number, moved: Moved): DisseminationEffect[] {
    const effects = moved.affected.flatMap((peer) => this.#openRequest(nowMs, peer))
    if (moved.lost > 0)
      effects.push({ kind: 'dropped', reason: 'not-delivered', count: moved.lost })
    if (moved.of !== undefined) this.#receiver.notDelivered(moved.givenUp, moved.of, nowMs)
    return effects
  }

  /** Opens the next request to `to`, unless one is open. Returns no `send` when nothing is queued. */
  #openRequest(nowMs: number, to: Address): DisseminationEffect[] {
    const refused = new Map<DropReason, number>()
    for (const key of this.#pending.takeNoted(to)) {
      if (this.#store.status(key) !== 'unknown') continue
      const reason = this.#enqueue(nowMs, key, to)
      if (reason !== undefined) countDrop(refused, reason)
    }
    if (this.#receiver.capacity <= 0)
      countDrop(refused, 'handler-queue-full', this.#pending.dropPending(to))
    const keys = this.#pending.open(to, nowMs)
    countDrop(refused, 'request-limit', this.#pending.dropNoted(to))
    const effects: DisseminationEffect[] = drops(to, refused)
    const message: Message = { kind: 'content-request', digests: packKeys(keys) }
    return keys.length === 0 ? effects : [...effects, { kind: 'send', to, message }]
  }
}
