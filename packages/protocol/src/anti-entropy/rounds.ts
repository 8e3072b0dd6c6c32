/**
 * Runs anti-entropy rounds: in each period, this node compares its active updates with those of some peers, by lists of
 * digests or by sketches.
 */

import { setBounded } from '../model/bounded-map.ts'
import type { MessageOf, Send } from '../model/message.ts'
import type { Address } from '../model/peer.ts'
import { jittered, type Rng } from '../model/random.ts'
import { DIGEST_BYTES, packKeys } from '../model/update.ts'
import type { DigestBlock, HashFunction, DigestKey } from '../model/update.ts'
import type { Unacknowledged } from '../store/unacknowledged.ts'
import type { StoredUpdate, UpdateStore } from '../store/update-store.ts'
import { ActiveSketch } from './active-sketch.ts'
import { ComparisonBackoff } from './comparison-backoff.ts'
import type { ComparisonConfig } from './config.ts'
import { SketchInitiator } from './sketch-initiator.ts'
import { SketchResponder } from './sketch-responder.ts'

/** No digest request has this number, so that it excludes no update. */
const NOTHING = -1

const NO_DIGESTS: DigestBlock = new Uint8Array(0)

/** A request for digests whose answer is awaited. */
interface Awaited {
  /** Until when an answer is read. */
  readonly untilMs: number
  /** The digests that a difference request named; undefined for a list. */
  readonly named: DigestBlock | undefined
  /** Whether the list named all active updates; true for a difference request. */
  readonly isWhole: boolean
  /** The bytes of digests and ids in the request. */
  readonly bytes: number
}

/** The most awaited answers; beyond it, the answer to the oldest request is not read. Only reached with such a fanout. */
const MAX_AWAITED = 1024

/** An answer to a list of at most this size does not start a back-off of comparisons. */
const SHORT_ANSWER_BYTES = 8 * DIGEST_BYTES

/** What rounds are made of. */
export interface RoundsParts {
  readonly config: ComparisonConfig
  readonly store: UpdateStore
  readonly unacknowledged: Unacknowledged
  readonly hash: HashFunction
  /** The label of the group, so that short ids differ between groups. */
  readonly label: string
  readonly rng: Rng
  readonly nowMs: number
}

export class Rounds {
  readonly #config: ComparisonConfig
  readonly #store: UpdateStore
  readonly #rng: Rng
  readonly #initiator: SketchInitiator
  readonly #responder: SketchResponder
  readonly #backoff: ComparisonBackoff
  readonly #active: ActiveSketch
  /** By peer, in order of the requests. */
  readonly #awaited = new Map<Address, Awaited>()
  #dueMs: number

  constructor({ config, store, unacknowledged, hash, label, rng, nowMs }: RoundsParts) {
    this.#config = config
    this.#store = store
    this.#rng = rng
    this.#backoff = new ComparisonBackoff(config.periodMs)
    this.#active = new ActiveSketch(store, hash, label, config.shortIdBytes)
    this.#responder = new SketchResponder(config, store, this.#active)
    this.#initiator = new SketchInitiator(
      config,
      store,
      this.#active,
      this.#backoff,
      rng,
      unacknowledged
    )
    this.#dueMs = nowMs + rng.fraction() * config.periodMs
  }

  get dueMs(): number {
    return Math.min(this.#dueMs, this.#initiator.dueMs)
  }

  /** Runs a round, when due, with the targets that `chooseTargets` returns; and repeats requests that timed out. */
  tick(
    nowMs: number,
    chooseTargets: (count: number) => readonly Address[],
    freeSlotsFor: (peer: Address) => number
  ): Send[] {
    const again = this.#initiator.again(nowMs)
    return nowMs < this.#dueMs
      ? again
      : [...again, ...this.#begin(nowMs, chooseTargets, freeSlotsFor)]
  }

  /** Returns the active digests that request number `except` did not name: if too many, the newest and a random stretch. */
  offer(except: number): DigestBlock {
    return this.#list(({ namedIn }) => namedIn !== except)
  }

  /** Ends the back-off of comparisons, because the node stops and {@link confirm} needs them at once. */
  leave(): void {
    this.#backoff.end()
  }

  /**
   * Asks `to` which of the unacknowledged updates it has: by a sketch, or by a list of all the other updates, to which the
   * answer names the unacknowledged ones that are active there.
   */
  confirm(nowMs: number, to: Address, unacknowledged: Unacknowledged): Send[] {
    // No free slots: this node does not fetch any more.
    const message = this.#initiator.open(to, nowMs, 0)
    if (message !== 'list') return this.#next(nowMs, to, message)
    const digests = this.#list(({ key }) => !unacknowledged.has(key))
    return [this.#sendList(nowMs, to, digests, true)]
  }

  #list(includes: (stored: StoredUpdate) => boolean): DigestBlock {
    const keys: DigestKey[] = []
    for (const stored of this.#store.active()) if (includes(stored)) keys.push(stored.key)
    const most = this.#config.maxDigestsPerMessage
    if (keys.length <= most) return packKeys(keys)
    const older = keys.splice(0, keys.length - Math.ceil(most / 2))
    const start = this.#rng.below(older.length)
    const stretch = [...older.slice(start), ...older.slice(0, start)].slice(0, most - keys.length)
    return packKeys([...stretch, ...keys])
  }

  /**
   * Handles an answer with `digests`. Returns the share of the peer's updates that it covers; `undefined` when it was not
   * requested.
   */
  answered(nowMs: number, from: Address, digests: DigestBlock): number | undefined {
    const awaited = this.#awaited.get(from)
    if (awaited === undefined) return undefined
    this.#awaited.delete(from)
    if (!this.#initiator.isEnabled) return 1
    if (awaited.named !== undefined)
      this.#initiator.differenceAnswered(from, digests, awaited.named)
    const ours = this.#active.fingerprint()
    if (digests.length > SHORT_ANSWER_BYTES && !this.#backoff.isUnchanged(from, ours))
      this.#backoff.started(from, nowMs, ours, undefined)
    this.#backoff.took(from, awaited.bytes + digests.length)
    const mostBytes = this.#config.maxDigestsPerMessage * DIGEST_BYTES
    if (awaited.isWhole && digests.length < mostBytes) return 1
    // A list that is cut names a random stretch of the older updates.
    return mostBytes / 2 / (DIGEST_BYTES * this.#active.count + mostBytes)
  }

  /**
   * Ends the comparison with `from` after its answer, which covers `share` as {@link answered} returned. `isPending` is whether
   * some of its updates are requested or may be accepted later.
   */
  considered(from: Address, share: number, isPending: boolean, isFull: boolean): void {
    if (isPending) this.#backoff.postponed(from)
    else this.#initiator.refused(from)
    // With a full store, it does not matter what a list has left out.
    if (!this.#initiator.hasMore(from)) this.#backoff.ended(from, isFull ? 1 : share)
  }

  /** Returns whether updates that the last exchange with `peer` found missing here were not requested yet. */
  hasMore(peer: Address): boolean {
    return this.#initiator.hasMore(peer)
  }

  /** Returns whether the last call of {@link compare} was for `peer`, and found nothing missing here. */
  lacksNothingOf(peer: Address): boolean {
    return this.#initiator.lacksNothingOf === peer
  }

  answerSketch(to: Address, request: MessageOf<'sketch-request'>): Send[] {
    return this.#config.pull ? [{ kind: 'send', to, message: this.#responder.answer(request) }] : []
  }

  /** Answers a difference request. */
  answerDifference(to: Address, request: MessageOf<'difference-request'>): Send[] {
    const digests = this.#config.pull ? this.#responder.names(request) : NO_DIGESTS
    // Also without digests: the peer learns that its request has arrived.
    return [{ kind: 'send', to, message: { kind: 'digest-response', digests } }]
  }

  /** Returns what to send after the symbols of `from`; `undefined` when they were not requested. */
  compare(
    nowMs: number,
    from: Address,
    response: MessageOf<'sketch-response'>,
    freeSlots: number
  ): Send[] | undefined {
    const message = this.#initiator.compare(nowMs, from, response, freeSlots)
    if (message === 'unsolicited') return undefined
    if (message === 'list') return [this.#sendList(nowMs, from, this.offer(NOTHING))]
    return this.#next(nowMs, from, message)
  }

  /** Requests more of the updates that the last exchange with `peer` found missing here, if `freeSlots` allow it. */
  goOn(nowMs: number, peer: Address, freeSlots: number): Send[] {
    if (this.#awaited.has(peer)) return []
    return this.#next(nowMs, peer, this.#initiator.more(peer, freeSlots) ?? 'nothing')
  }

  sendFailed(to: Address): void {
    this.#awaited.delete(to)
    this.#initiator.sendFailed(to)
  }

  #begin(
    nowMs: number,
    chooseTargets: (count: number) => readonly Address[],
    freeSlotsFor: (peer: Address) => number
  ): Send[] {
    this.#dueMs = nowMs + jittered(this.#config.periodMs, this.#config.jitter, this.#rng)
    for (const [peer, { untilMs }] of this.#awaited)
      if (untilMs <= nowMs) this.#awaited.delete(peer)
    if (!this.#config.pull && (!this.#config.push || this.#store.activeUpdates === 0)) return []
    let list: DigestBlock | undefined
    return chooseTargets(this.#config.fanout).flatMap((to): Send[] => {
      const message = this.#initiator.open(to, nowMs, freeSlotsFor(to))
      if (message !== 'list') return this.#next(nowMs, to, message)
      list ??= this.#config.push ? this.offer(NOTHING) : NO_DIGESTS
      return [this.#sendList(nowMs, to, list)]
    })
  }

  #next(
    nowMs: number,
    to: Address,
    message: readonly MessageOf<'sketch-request'>[] | MessageOf<'difference-request'> | 'nothing'
  ): Send[] {
    if (message === 'nothing') return []
    if (!('kind' in message)) return message.map((each) => ({ kind: 'send', to, message: each }))
    const bytes = message.digests.length + message.ids.length
    this.#expect(nowMs, to, { named: message.digests, isWhole: true, bytes })
    return [{ kind: 'send', to, message }]
  }

  #sendList(
    nowMs: number,
    to: Address,
    digests: DigestBlock,
    expectsAnswer: boolean = this.#config.pull
  ): Send {
    if (expectsAnswer) {
      const isWhole = digests.length < this.#config.maxDigestsPerMessage * DIGEST_BYTES
      this.#expect(nowMs, to, { named: undefined, isWhole, bytes: digests.length })
    }
    return { kind: 'send', to, message: { kind: 'digest-request', digests } }
  }

  #expect(nowMs: number, peer: Address, awaited: Omit<Awaited, 'untilMs'>): void {
    const untilMs = nowMs + this.#config.requestTimeoutMs
    setBounded(this.#awaited, peer, { ...awaited, untilMs }, MAX_AWAITED)
  }
}
