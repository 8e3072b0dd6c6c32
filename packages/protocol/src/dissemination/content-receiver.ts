/** Contents that come in, asked for or handed on: checked, judged where there is a validator, stored, delivered. */

import type { DropReason } from '../drop.ts'
import { AGE_UNIT_MS, type EagerPush } from '../message.ts'
import type { Address } from '../peer.ts'
import {
  countDigests,
  digestCheck,
  digestKey,
  digestOfKey,
  type DigestBlock,
  type HashFunction,
  type DigestKey
} from '../update.ts'
import type { Verdict } from '../verdict.ts'
import type { DisseminationConfig } from './config.ts'
import { Missed } from './missed.ts'
import { drops, tally, unsolicitedContent, type Outcome, type Pushed } from './outcome.ts'
import type { PendingRequests } from './pending-requests.ts'
import { Postponed } from './postponed.ts'
import type { UpdateStore } from './update-store.ts'

/** A content on its way from a peer to the store. */
interface Candidate {
  readonly content: Uint8Array
  readonly from: Address
  readonly submittedAtMs: number
}

/** Contents as a message brings them, with the age of each in units of {@link AGE_UNIT_MS}. */
interface Brought {
  readonly contents: readonly Uint8Array[]
  readonly ages: readonly number[]
}

/** The first of the growing intervals at which an update is tried again, in request timeouts. */
const FIRST_RETRY_TIMEOUTS = 1 / 3

export class ContentReceiver {
  /** How many more updates the handler can take. */
  room: number = Infinity
  readonly #config: DisseminationConfig
  readonly #hash: HashFunction
  readonly #store: UpdateStore
  readonly #pending: PendingRequests
  readonly #postponed: Postponed
  readonly #missed: Missed
  /** Contents that wait for their verdict, when there is a validator. */
  readonly #validating: Map<DigestKey, Candidate> | undefined

  constructor(
    config: DisseminationConfig,
    hash: HashFunction,
    store: UpdateStore,
    pending: PendingRequests,
    validates: boolean
  ) {
    this.#config = config
    this.#hash = hash
    this.#store = store
    this.#pending = pending
    this.#postponed = new Postponed(FIRST_RETRY_TIMEOUTS * config.requestTimeoutMs)
    this.#missed = new Missed(config.requestTimeoutMs)
    this.#validating = validates ? new Map() : undefined
  }

  /** How many updates are put off, to be tried again later. */
  get postponed(): number {
    return this.#postponed.size
  }

  /** `from` offers an update. Returns whether that is passed over for now, as it could not be taken when it came. */
  offered(key: DigestKey, from: Address, nowMs: number): boolean {
    this.#missed.offered(key, from, nowMs)
    return this.#postponed.holds(key, from, nowMs)
  }

  /** Returns how many of `digests` are passed over for now when `from` offers them. */
  countPostponed(digests: DigestBlock, from: Address, nowMs: number): number {
    let postponed = 0
    for (let index = 0; this.postponed > 0 && index < countDigests(digests); index++)
      if (this.#postponed.holds(digestKey(digests, index), from, nowMs)) postponed++
    return postponed
  }

  /** There is no room for an update that `from` offers, for this reason. What only strangers offer may be made up. */
  misses(key: DigestKey, from: Address, reason: DropReason, nowMs: number): DropReason {
    if (this.#pending.hasServed(from)) this.#missed.add(key, from, nowMs)
    return reason
  }

  /** `peer` has shown all that it has and this node lacks. */
  shownAll(peer: Address): void {
    this.#missed.shownAll(peer)
  }

  /** Updates that `from` has offered, and did not bring. */
  notDelivered(keys: readonly DigestKey[], from: Address, nowMs: number): void {
    for (const key of keys)
      if (this.#store.status(key) === 'unknown') this.#missed.add(key, from, nowMs)
  }

  /** Updates for which there was no room, and that nobody offers any more. To be called in each round. */
  takeLost(nowMs: number): Outcome[] {
    const lost = this.#missed.takeLost(nowMs)
    return lost === 0 ? [] : [{ kind: 'dropped', reason: 'lost', count: lost }]
  }

  /** The application has submitted it itself. */
  submitted(key: DigestKey): void {
    this.#over(key)
  }

  /** How many contents wait for their verdict. */
  get validating(): number {
    return this.#validating?.size ?? 0
  }

  /** Whether the content of `key` waits for its verdict. */
  isValidating(key: DigestKey): boolean {
    return this.#validating?.has(key) === true
  }

  /** Contents of a peer that was asked; `useful` when one of them was wanted. */
  answered(
    nowMs: number,
    from: Address,
    { contents, ages }: Brought
  ): { outcomes: Outcome[]; useful: boolean } {
    const refused = new Map<DropReason, number>()
    const outcomes: Outcome[] = []
    let useful = false
    contents.forEach((content, index) => {
      if (content.length === 0) {
        tally(refused, 'malformed-content')
        return
      }
      const key = this.#keyOf(content)
      if (!this.#pending.take(key, from)) {
        tally(refused, 'unsolicited')
        // What others were quicker to bring is no violation, nor is what came before and could not be taken.
        if (!this.#isKnown(key) && !this.#postponed.has(key))
          outcomes.push(unsolicitedContent(from))
        return
      }
      useful = true
      const submittedAtMs = nowMs - ages[index]! * AGE_UNIT_MS
      const reason = this.#refusal(nowMs, from, key, content.length, submittedAtMs)
      if (reason === undefined) {
        outcomes.push(this.#receive(nowMs, { content, from, submittedAtMs }, key))
      } else this.#refuse(nowMs, from, key, reason, refused)
    })
    return { outcomes: [...outcomes, ...drops(from, refused)], useful }
  }

  /** Contents that nobody asked for, of a peer that takes them for new: all or, when damaged, none. */
  pushed(nowMs: number, from: Address, { contents, ages, check }: EagerPush): Pushed {
    const keys = contents.map((content) => this.#keyOf(content))
    const isDamaged = digestCheck(keys) !== check
    if (isDamaged || contents.some(({ length }) => length === 0)) {
      const damaged = Math.max(1, contents.length)
      const outcomes: Outcome[] = [
        { kind: 'dropped', reason: 'malformed-content', count: damaged, peer: from },
        { kind: 'violation', peer: from, reason: 'malformed' }
      ]
      return { outcomes, taken: [], known: [], refused: [] }
    }
    const refused = new Map<DropReason, number>()
    const pushed: Pushed = { outcomes: [], taken: [], known: [], refused: [] }
    keys.forEach((key, index) => {
      const content = contents[index]!
      if (this.#isKnown(key)) {
        pushed.known.push(key)
        return
      }
      const submittedAtMs = nowMs - ages[index]! * AGE_UNIT_MS
      const reason =
        this.#busy(key, pushed.taken.length) ??
        this.#refusal(nowMs, from, key, content.length, submittedAtMs)
      if (reason !== undefined) {
        pushed.refused.push(key)
        this.#refuse(nowMs, from, key, reason, refused)
      } else {
        // Not as part of an answer, though it may have been asked of `from` meanwhile.
        this.#pending.take(key)
        pushed.taken.push(key)
        pushed.outcomes.push(this.#receive(nowMs, { content, from, submittedAtMs }, key))
      }
    })
    pushed.outcomes.push(...drops(from, refused))
    return pushed
  }

  /** The verdict on a content that was to be validated; `undefined` when there is none, then a later offer asks again. */
  validated(nowMs: number, digestBytes: DigestBlock, verdict: Verdict | undefined): Outcome[] {
    const key = digestKey(digestBytes, 0)
    const candidate = this.#validating?.get(key)
    if (candidate === undefined) return []
    this.#validating!.delete(key)
    const { content, from, submittedAtMs } = candidate
    // Meanwhile the application may have submitted the same.
    if (this.#store.status(key) !== 'unknown') return []
    if (verdict === 'accept') {
      const reason = this.#refusal(nowMs, from, key, content.length, submittedAtMs)
      if (reason === undefined) return [this.#accept(nowMs, candidate, key)]
      const refused = new Map<DropReason, number>()
      this.#refuse(nowMs, from, key, reason, refused)
      return drops(from, refused)
    }
    if (verdict === undefined || verdict === 'later') {
      const isLost = this.#note(key, this.#postponed.add(key, nowMs), from, nowMs)
      return [{ kind: 'dropped', reason: isLost ? 'lost' : 'postponed', count: 1, peer: from }]
    }
    this.#over(key)
    this.#store.refuse(key)
    if (verdict === 'ignore')
      return [{ kind: 'dropped', reason: 'validator-ignored', count: 1, peer: from }]
    return [
      { kind: 'dropped', reason: 'validator-rejected', count: 1, peer: from },
      { kind: 'violation', peer: from, reason: 'rejected-update' }
    ]
  }

  #isKnown(key: DigestKey): boolean {
    return this.#store.status(key) !== 'unknown' || this.isValidating(key)
  }

  /** Why there is no place now for a new content that nobody asked for, after `taken` of the same message. */
  #busy(key: DigestKey, taken: number): DropReason | undefined {
    // Those that are judged were counted already.
    const coming =
      this.#pending.size + this.validating + (this.#validating === undefined ? taken : 0)
    // One that is awaited has its place.
    if (!this.#pending.has(key) && coming >= this.room) return 'handler-queue-full'
    return this.validating >= this.#config.maxRequests ? 'request-limit' : undefined
  }

  /** Why a content is not taken, whoever brings it or, if it is for its age, from this peer. */
  #refusal(
    nowMs: number,
    from: Address,
    key: DigestKey,
    bytes: number,
    submittedAtMs: number
  ): DropReason | undefined {
    if (bytes > this.#config.maxContentBytes) return 'content-too-large'
    // It came all the same, as when it is pushed: what puts it off has not changed.
    if (this.#postponed.holds(key, from, nowMs)) return 'postponed'
    if (this.#store.isTooOld(submittedAtMs, bytes, nowMs)) return 'content-expired'
    return this.#store.hasRoom(1, bytes, nowMs) ? undefined : 'store-full'
  }

  /** Counts a refusal, and puts the update off, unless only the handler or the number of requests stood in its way. */
  #refuse(
    nowMs: number,
    from: Address,
    key: DigestKey,
    reason: DropReason,
    refused: Map<DropReason, number>
  ): void {
    tally(refused, reason)
    if (reason === 'postponed') return
    if (reason === 'handler-queue-full' || reason === 'request-limit') {
      this.#missed.add(key, from, nowMs)
      return
    }
    const isGivenUp = this.#putOff(nowMs, from, key, reason)
    // What is too old was never ours to lose.
    if (reason === 'content-expired') return
    if (this.#note(key, isGivenUp, from, nowMs)) tally(refused, 'lost')
  }

  /** It was put off: missed until it is offered again, or given up with that. Returns whether it is to be told as lost. */
  #note(key: DigestKey, isGivenUp: boolean, from: Address, nowMs: number): boolean {
    if (isGivenUp) return this.#missed.tell(key)
    this.#missed.add(key, from, nowMs)
    return false
  }

  /** It was taken, or is not wanted any more. */
  #over(key: DigestKey): void {
    this.#postponed.delete(key)
    this.#missed.delete(key)
  }

  /** Returns whether the update is given up with that. */
  #putOff(nowMs: number, from: Address, key: DigestKey, reason: DropReason): boolean {
    if (reason === 'content-expired') return this.#postponed.addFrom(key, from, nowMs)
    // The limit stays while this node runs.
    if (reason === 'content-too-large') return this.#postponed.giveUp(key, nowMs)
    return this.#postponed.add(key, nowMs)
  }

  #receive(nowMs: number, candidate: Candidate, key: DigestKey): Outcome {
    if (this.#validating === undefined) return this.#accept(nowMs, candidate, key)
    this.#validating.set(key, candidate)
    const { content, from } = candidate
    return { kind: 'validate', update: { digest: digestOfKey(key), content }, from }
  }

  #accept(nowMs: number, { content, submittedAtMs }: Candidate, key: DigestKey): Outcome {
    this.#over(key)
    const { digest } = this.#store.add(content, key, nowMs, submittedAtMs)
    return { kind: 'deliver', update: { digest, content }, key, submittedAtMs }
  }

  #keyOf(content: Uint8Array): DigestKey {
    return digestKey(this.#hash(content), 0)
  }
}
