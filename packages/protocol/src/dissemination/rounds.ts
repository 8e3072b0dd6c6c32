/**
 * Rounds: now and then, tell others what is active here and learn what is active there; by lists of digests, or by
 * sketches when there is much to name.
 */

import type { DifferenceRequest, Send, SketchRequest, SketchResponse } from '../message.ts'
import type { Address } from '../peer.ts'
import { jittered, type Rng } from '../random.ts'
import { DIGEST_BYTES, packKeys } from '../update.ts'
import type { DigestBlock, HashFunction, DigestKey } from '../update.ts'
import { ActiveSketch } from './active-sketch.ts'
import { ComparisonBackoff } from './comparison-backoff.ts'
import type { DisseminationConfig } from './config.ts'
import { SketchAnswers } from './sketch-answers.ts'
import { SketchExchange } from './sketch-exchange.ts'
import { Unacknowledged } from './unacknowledged.ts'
import type { StoredUpdate, UpdateStore } from './update-store.ts'

/** No request has one of these numbers: what no request has named, and what nothing is left out for. */
export const NO_REQUEST = 0
const NOTHING = -1

const NO_DIGESTS: DigestBlock = new Uint8Array(0)

/** What a peer was asked for. */
interface Asked {
  /** Until when its answer counts. */
  readonly untilMs: number
  /** The digests that a difference request has named. */
  readonly told: DigestBlock | undefined
  /** Whether a list named all that is active here; a difference request does. */
  readonly isWhole: boolean
  /** The bytes of the question. */
  readonly bytes: number
}

/** How many peers may be asked for digests at once; who was asked first is forgotten. Only a fanout that wide comes near it. */
const MAX_ASKED = 1024

/** So short an answer to a list is no reason to ask less. */
const SHORT_ANSWER_BYTES = 8 * DIGEST_BYTES

export class Rounds {
  readonly #config: DisseminationConfig
  readonly #store: UpdateStore
  readonly #rng: Rng
  readonly #sketches: SketchExchange
  readonly #answers: SketchAnswers
  readonly #backoff: ComparisonBackoff
  readonly #active: ActiveSketch
  /** Peers that were asked for digests. */
  readonly #asked = new Map<Address, Asked>()
  #dueMs: number

  constructor(
    config: DisseminationConfig,
    store: UpdateStore,
    hash: HashFunction,
    label: string,
    rng: Rng,
    nowMs: number,
    unacknowledged: Unacknowledged = new Unacknowledged()
  ) {
    this.#config = config
    this.#store = store
    this.#rng = rng
    this.#backoff = new ComparisonBackoff(config.periodMs)
    this.#active = new ActiveSketch(store, hash, label, config.shortIdBytes)
    this.#answers = new SketchAnswers(config, store, this.#active)
    this.#sketches = new SketchExchange(
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
    return Math.min(this.#dueMs, this.#sketches.dueMs)
  }

  /** A round, when due, to targets that `chooseTargets` picks; and requests that are sent again. */
  tick(
    nowMs: number,
    chooseTargets: (count: number) => readonly Address[],
    roomFor: (peer: Address) => number
  ): Send[] {
    const again = this.#sketches.again(nowMs)
    return nowMs < this.#dueMs ? again : [...again, ...this.#begin(nowMs, chooseTargets, roomFor)]
  }

  /** Active digests, without those that request number `except` named; the newest and a random stretch when too many. */
  offer(except: number): DigestBlock {
    return this.#list(({ namedIn }) => namedIn !== except)
  }

  /** From now on, {@link confirm} is what rounds are for: no comparison is put off. */
  leave(): void {
    this.#backoff.end()
  }

  /**
   * Asks `to` which of the unacknowledged updates it has: by comparing sets, or by a list of all the others, whose answer
   * names those of them that are active there.
   */
  confirm(nowMs: number, to: Address, unacknowledged: Unacknowledged): Send[] {
    // Without room for what is lacking here: that is not what this is about.
    const message = this.#sketches.open(to, nowMs, 0)
    if (message !== 'list') return this.#next(nowMs, to, message)
    const digests = this.#list(({ key }) => !unacknowledged.has(key))
    return [this.#tellAll(nowMs, to, digests, true)]
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

  /** Which share of what this node may lack `from` has told with `digests`; `undefined` when it was not asked for them. */
  answered(nowMs: number, from: Address, digests: DigestBlock): number | undefined {
    const asked = this.#asked.get(from)
    if (asked === undefined) return undefined
    this.#asked.delete(from)
    if (!this.#sketches.isOn) return 1
    if (asked.told !== undefined) this.#sketches.named(from, digests, asked.told)
    const ours = this.#active.fingerprint()
    if (digests.length > SHORT_ANSWER_BYTES && !this.#backoff.stands(from, ours))
      this.#backoff.started(from, nowMs, ours, undefined)
    this.#backoff.took(from, asked.bytes + digests.length)
    const mostBytes = this.#config.maxDigestsPerMessage * DIGEST_BYTES
    if (asked.isWhole && digests.length < mostBytes) return 1
    // Of the older ones, a list names a random stretch.
    return mostBytes / 2 / (DIGEST_BYTES * this.#active.count + mostBytes)
  }

  /**
   * The digests that `from` has answered with, of which `share` is what {@link answered} says, were considered: some are
   * on their way or may be taken later, or none can be taken.
   */
  considered(from: Address, share: number, isPostponed: boolean, isFull: boolean): void {
    if (isPostponed) this.#backoff.postponed(from)
    else this.#sketches.refused(from)
    // A full store has no use for more, whatever a list has left out.
    if (!this.#sketches.hasMore(from)) this.#backoff.ended(from, isFull ? 1 : share)
  }

  /** Whether not all was asked for that the last exchange with `peer` has shown. */
  hasMore(peer: Address): boolean {
    return this.#sketches.hasMore(peer)
  }

  /** Whether the symbols that {@link compare} was last given, of `peer`, have shown nothing that this node lacks. */
  lacksNothingOf(peer: Address): boolean {
    return this.#sketches.lacksNothingOf === peer
  }

  answerSketch(to: Address, request: SketchRequest): Send[] {
    return this.#config.pull ? [{ kind: 'send', to, message: this.#answers.answer(request) }] : []
  }

  /** The digests that a difference request asks for. */
  answerDifference(to: Address, request: DifferenceRequest): Send[] {
    const digests = this.#config.pull ? this.#answers.names(request) : NO_DIGESTS
    // Also when there are none: whoever asked learns that its message has arrived.
    return [{ kind: 'send', to, message: { kind: 'digest-response', digests } }]
  }

  /** What follows the symbols of `from`, of which `room` contents more may be asked; `undefined` when nobody asked for them. */
  compare(
    nowMs: number,
    from: Address,
    response: SketchResponse,
    room: number
  ): Send[] | undefined {
    const message = this.#sketches.compare(nowMs, from, response, room)
    if (message === 'unsolicited') return undefined
    if (message === 'list') return [this.#tellAll(nowMs, from, this.offer(NOTHING))]
    return this.#next(nowMs, from, message)
  }

  /** There may be `room` to ask `peer` for more of what the last exchange has shown. */
  goOn(nowMs: number, peer: Address, room: number): Send[] {
    if (this.#asked.has(peer)) return []
    return this.#next(nowMs, peer, this.#sketches.more(peer, room) ?? 'nothing')
  }

  sendFailed(to: Address): void {
    this.#asked.delete(to)
    this.#sketches.sendFailed(to)
  }

  #begin(
    nowMs: number,
    chooseTargets: (count: number) => readonly Address[],
    roomFor: (peer: Address) => number
  ): Send[] {
    this.#dueMs = nowMs + jittered(this.#config.periodMs, this.#config.jitter, this.#rng)
    for (const [peer, { untilMs }] of this.#asked) if (untilMs <= nowMs) this.#asked.delete(peer)
    if (!this.#config.pull && (!this.#config.push || this.#store.activeUpdates === 0)) return []
    let list: DigestBlock | undefined
    return chooseTargets(this.#config.fanout).flatMap((to): Send[] => {
      const message = this.#sketches.open(to, nowMs, roomFor(to))
      if (message !== 'list') return this.#next(nowMs, to, message)
      list ??= this.#config.push ? this.offer(NOTHING) : NO_DIGESTS
      return [this.#tellAll(nowMs, to, list)]
    })
  }

  #next(
    nowMs: number,
    to: Address,
    message: readonly SketchRequest[] | DifferenceRequest | 'nothing'
  ): Send[] {
    if (message === 'nothing') return []
    if (!('kind' in message)) return message.map((each) => ({ kind: 'send', to, message: each }))
    const bytes = message.digests.length + message.ids.length
    this.#expect(nowMs, to, { told: message.digests, isWhole: true, bytes })
    return [{ kind: 'send', to, message }]
  }

  #tellAll(
    nowMs: number,
    to: Address,
    digests: DigestBlock,
    isAsking: boolean = this.#config.pull
  ): Send {
    if (isAsking) {
      const isWhole = digests.length < this.#config.maxDigestsPerMessage * DIGEST_BYTES
      this.#expect(nowMs, to, { told: undefined, isWhole, bytes: digests.length })
    }
    return { kind: 'send', to, message: { kind: 'digest-request', digests } }
  }

  #expect(nowMs: number, peer: Address, asked: Omit<Asked, 'untilMs'>): void {
    this.#asked.delete(peer)
    this.#asked.set(peer, { ...asked, untilMs: nowMs + this.#config.requestTimeoutMs })
    if (this.#asked.size > MAX_ASKED) this.#asked.delete(this.#asked.keys().next().value!)
  }
}
