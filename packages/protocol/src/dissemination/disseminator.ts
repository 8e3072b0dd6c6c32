/**
 * Spreads updates: rounds of digests, requests for what is new, contents in bounded batches (the reference crate's
 * scheme; anti-entropy of Demers et al. 1987, section 1.3, with digests).
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
import type { DisseminationGauges } from './gauges.ts'
import { Leaving } from './leaving.ts'
import {
  drops,
  refusals,
  tally,
  unsolicited,
  unsolicitedContent,
  type Outcome,
  type Pushed
} from './outcome.ts'
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
  /** Numbers the digest requests received, so that an answer can leave out what the request named. */
  #requestNumber = 0

  /** With `validates`, contents of others are stored once `validated` says so. `label` is that of the group. */
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

  /** How many more updates the handler can take. What is awaited never exceeds it: pull is back-pressure for free. */
  set room(updates: number) {
    this.#receiver.room = updates
  }

  /** When `tick` has something to do: the next round, or a request that lapses. */
  get dueMs(): number {
    return Math.min(this.#rounds.dueMs, this.#pending.dueMs, this.#leaving.dueMs)
  }

  /** How many own updates no peer is known to have. */
  get unacknowledged(): number {
    return this.#unacknowledged.count
  }

  /** The digests of own updates that no peer is known to have, oldest first: those active, and those that ended untold. */
  unacknowledgedDigests(): Digest[] {
    const ended = this.#unacknowledged.takeEnded().flatMap(({ digests = [] }) => digests)
    return [...ended, ...Array.from(this.#unacknowledged.keys(), digestOfKey)]
  }

  /** Begins to seek peers for what none is known to have: from now on, extra rounds come at once. */
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

  /** Lets time expire what it expires; every other call does so first. */
  advance(nowMs: number): void {
    this.#store.advance(nowMs)
  }

  status(nowMs: number, digestBytes: DigestBlock): UpdateStatus {
    this.advance(nowMs)
    return this.#store.status(digestKey(digestBytes, 0))
  }

  /** Accepts a copy of `content` for spreading, and tells `accepted`; or throws with nothing changed. */
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
    if (!this.#store.hasRoom(1, content.length, nowMs)) {
      throw storeFull(this.#store, content.length, this.#store.roomInMs(nowMs))
    }
    this.#pending.take(key)
    this.#receiver.submitted(key)
    // Not `slice`, which for a Buffer of Node is a view.
    const stored = this.#store.add(new Uint8Array(content), key, nowMs)
    this.#unacknowledged.submitted(key)
    accepted(stored)
    return { digest: stored.digest, status: 'accepted' }
  }

  /**
   * A round, when due, to targets that `chooseTargets` picks; requests that have lapsed; and, after {@link leave}, extra
   * rounds with `neighbors` and targets. Early it does nothing.
   */
  tick(
    nowMs: number,
    chooseTargets: (count: number) => readonly Address[],
    neighbors: () => readonly Address[] = () => []
  ): Outcome[] {
    if (nowMs < this.dueMs) return []
    this.advance(nowMs)
    const outcomes = [...this.#receiver.takeLost(nowMs), ...this.#unacknowledged.takeEnded()]
    for (const peer of this.#pending.lapsed(nowMs))
      outcomes.push(...this.#askOn(nowMs, this.#pending.lapse(peer, nowMs)))
    const capacity = (peer: Address): number => this.#roomFor(nowMs, peer)
    outcomes.push(...this.#rounds.tick(nowMs, chooseTargets, capacity))
    const peers = (): Address[] => [...neighbors(), ...chooseTargets(this.#config.fanout)]
    return [...outcomes, ...this.#leaving.tick(nowMs, peers)]
  }

  receive(nowMs: number, from: Address, message: SetMessage): Outcome[] {
    this.#unacknowledged.heard()
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

  /** Contents that `from` hands on unsolicited. */
  pushed(nowMs: number, from: Address, push: EagerPush): Pushed {
    this.#unacknowledged.heard()
    this.advance(nowMs)
    const pushed = this.#receiver.pushed(nowMs, from, push)
    for (const key of pushed.known) this.#unacknowledged.acknowledged(key)
    if (pushed.taken.length > 0) this.#pending.pushed(from, pushed.taken.length, nowMs)
    return pushed
  }

  /** The verdict on a content that was to be validated; `undefined` when there is none, then a later offer asks again. */
  validated(nowMs: number, digestBytes: DigestBlock, verdict: Verdict | undefined): Outcome[] {
    this.advance(nowMs)
    return this.#receiver.validated(nowMs, digestBytes, verdict)
  }

  /** The network has taken a message: only now is a request answered, and only now does a push count. */
  sent(nowMs: number, message: Message, answers: readonly DigestKey[] = []): void {
    for (const key of answers) this.#unacknowledged.answered(key)
    if (this.#config.expiration.mode !== 'pushCount') return
    if (message.kind !== 'digest-request' && message.kind !== 'digest-response') return
    this.#store.pushed(message.digests, nowMs)
  }

  /** A part of a message of `from` has come. */
  arriving(nowMs: number, from: Address): void {
    this.#pending.of(from)?.arrives(nowMs)
  }

  /** The network did not take a message to `to`: others are asked for what it owed. */
  sendFailed(nowMs: number, to: Address): Outcome[] {
    this.#rounds.sendFailed(to)
    return this.#askOn(nowMs, this.#pending.failed(to, nowMs))
  }

  #answerDigests(nowMs: number, from: Address, named: DigestBlock): Outcome[] {
    const number = ++this.#requestNumber
    const outcomes = this.#consider(nowMs, from, named, this.#config.push, number)
    if (!this.#config.pull) return outcomes
    const message: Message = { kind: 'digest-response', digests: this.#rounds.offer(number) }
    return [...outcomes, { kind: 'send', to: from, message }]
  }

  #compare(nowMs: number, from: Address, response: SketchResponse): Outcome[] {
    const sends = this.#rounds.compare(nowMs, from, response, this.#roomFor(nowMs, from))
    if (this.#rounds.lacksNothingOf(from)) this.#receiver.shownAll(from)
    return sends ?? [unsolicited(from)]
  }

  /** As {@link #consider}, if `from` was asked; and lets the next rounds know whether this one may change anything. */
  #considerAnswer(nowMs: number, from: Address, digests: DigestBlock): Outcome[] {
    const share = this.#rounds.answered(nowMs, from, digests)
    if (share === undefined) return [unsolicited(from)]
    // Before it is considered: what it puts off now is told as refused.
    const putOff = this.#receiver.countPostponed(digests, from, nowMs)
    const outcomes = this.#consider(nowMs, from, digests, this.#config.pull, NO_REQUEST)
    const { lasting, isFull } = refusals(outcomes)
    const comes = this.#store.unknown(digests) - putOff > lasting
    if (share === 1 && !this.#rounds.hasMore(from)) this.#receiver.shownAll(from)
    this.#rounds.considered(from, share, comes, isFull)
    return [...outcomes, ...this.#rounds.goOn(nowMs, from, this.#roomFor(nowMs, from))]
  }

  /** Asks `from` for those of its digests that are new here, if we `want` any; marks those active here as `named`. */
  #consider(
    nowMs: number,
    from: Address,
    digests: DigestBlock,
    want: boolean,
    named: number
  ): Outcome[] {
    const refused = new Map<DropReason, number>()
    for (let index = 0; index < countDigests(digests); index++) {
      const key = digestKey(digests, index)
      const stored = this.#store.get(key)
      if (stored !== undefined) {
        stored.namedIn = named
        this.#unacknowledged.acknowledged(key)
      } else if (want && this.#store.status(key) === 'unknown') {
        const reason = this.#want(nowMs, key, from)
        if (reason !== undefined) tally(refused, reason)
      }
    }
    return [...drops(from, refused), ...this.#openRequest(nowMs, from)]
  }

  #want(nowMs: number, key: DigestKey, from: Address): DropReason | undefined {
    if (this.#receiver.isValidating(key) || this.#receiver.offered(key, from, nowMs))
      return undefined
    if (this.#pending.has(key)) {
      this.#pending.alsoOffered(key, from, nowMs)
      return undefined
    }
    const coming = this.#pending.size + this.#receiver.validating
    if (coming >= this.#receiver.room)
      return this.#receiver.misses(key, from, 'handler-queue-full', nowMs)
    if (!this.#store.hasRoom(coming + 1, this.#config.maxContentBytes, nowMs))
      return this.#receiver.misses(key, from, 'store-full', nowMs)
    if (coming >= this.#config.maxRequests) return 'request-limit'
    if (this.#pending.freeSlots(from) <= 0) {
      if (this.#pending.note(key, from, nowMs)) return undefined
      return this.#pending.distrusts(from, nowMs) ? 'peer-distrusted' : 'request-limit'
    }
    this.#pending.want(key, from)
    return undefined
  }

  /** How many contents more may be asked of `from`, about. */
  #roomFor(nowMs: number, from: Address): number {
    const coming = this.#pending.size + this.#receiver.validating
    const free = Math.min(this.#config.maxRequests, this.#receiver.room) - coming
    return Math.max(0, Math.min(this.#pending.freeOffers(from, nowMs), free))
  }

  #accept(nowMs: number, from: Address, response: ContentResponse): Outcome[] {
    const { contents } = response
    if (this.#pending.of(from)?.mayAnswer(nowMs) !== true)
      return [unsolicited(from, Math.max(1, contents.length)), unsolicitedContent(from)]
    const { outcomes, useful } = this.#receiver.answered(nowMs, from, response)
    const answer = {
      contents: contents.length,
      bytes: contents.reduce((sum, { length }) => sum + length, 0),
      isUseful: useful,
      isForged: outcomes.some(({ kind }) => kind === 'violation')
    }
    const next = this.#askOn(nowMs, this.#pending.answered(from, answer, nowMs))
    return [...outcomes, ...next, ...this.#rounds.goOn(nowMs, from, this.#roomFor(nowMs, from))]
  }

  /** The requests that follow when digests moved on to other peers, and what was given up. */
  #askOn(nowMs: number, moved: Moved): Outcome[] {
    const outcomes: Outcome[] = moved.affected.flatMap((peer) => this.#openRequest(nowMs, peer))
    if (moved.lost > 0)
      outcomes.push({ kind: 'dropped', reason: 'not-delivered', count: moved.lost })
    if (moved.of !== undefined) this.#receiver.notDelivered(moved.givenUp, moved.of, nowMs)
    return outcomes
  }

  #openRequest(nowMs: number, to: Address): Outcome[] {
    const refused = new Map<DropReason, number>()
    for (const key of this.#pending.takeNoted(to)) {
      if (this.#store.status(key) !== 'unknown') continue
      const reason = this.#want(nowMs, key, to)
      if (reason !== undefined) tally(refused, reason)
    }
    if (this.#receiver.room <= 0) tally(refused, 'handler-queue-full', this.#pending.dropWanted(to))
    const keys = this.#pending.open(to, nowMs)
    tally(refused, 'request-limit', this.#pending.dropNoted(to))
    const outcomes: Outcome[] = drops(to, refused)
    const message: Message = { kind: 'content-request', digests: packKeys(keys) }
    return keys.length === 0 ? outcomes : [...outcomes, { kind: 'send', to, message }]
  }
}
