/**
 * Receives contents, requested or pushed: checks them, passes them to the validator if there is one, stores and delivers
 * them.
 */

import { countDrop, drops, type DropReason } from '../model/drop.ts'
import type { FamilyEffect } from '../model/effect.ts'
import { AGE_UNIT_MS, type MessageOf } from '../model/message.ts'
import type { Address } from '../model/peer.ts'
import {
  countDigests,
  digestCheck,
  digestKey,
  type DigestBlock,
  type HashFunction,
  type DigestKey
} from '../model/update.ts'
import type { Verdict } from '../model/verdict.ts'
import { unsolicitedContent } from '../model/violation.ts'
import type { UpdateStore } from '../store/update-store.ts'
import type { FetcherConfig } from './config.ts'
import { Missed } from './missed.ts'
import type { PendingRequests } from './pending-requests.ts'
import { Postponed } from './postponed.ts'

/** A content that was received and is not stored yet. */
interface Candidate {
  readonly content: Uint8Array
  readonly from: Address
  readonly submittedAtMs: number
}

/** The contents of a message, with the age of each in units of {@link AGE_UNIT_MS}. */
interface ReceivedContents {
  readonly contents: readonly Uint8Array[]
  readonly ages: readonly number[]
}

/** What became of pushed contents. */
export interface PushResult {
  readonly effects: FamilyEffect[]
  /** Digests of the contents that were new. */
  readonly taken: DigestKey[]
  /** Digests of the contents that this node had already. */
  readonly duplicates: DigestKey[]
  /** Digests of the contents that this node cannot take now, for reasons of its own. */
  readonly refused: DigestKey[]
}

interface ReceiverParts {
  readonly config: FetcherConfig
  readonly hash: HashFunction
  readonly store: UpdateStore
  readonly pending: PendingRequests
  readonly validates: boolean
  /** Returns how many more updates the handler can take. */
  readonly freeSlots: () => number
}

/** The interval before the first retry of a postponed update, in request timeouts. */
const FIRST_RETRY_TIMEOUTS = 1 / 3

export class ContentReceiver {
  readonly #config: FetcherConfig
  readonly #hash: HashFunction
  readonly #store: UpdateStore
  readonly #pending: PendingRequests
  readonly #freeSlots: () => number
  readonly #postponed: Postponed
  readonly #missed: Missed
  /** Contents that wait for their verdict. Undefined without a validator. */
  readonly #validating: Map<DigestKey, Candidate> | undefined

  constructor({ config, hash, store, pending, validates, freeSlots }: ReceiverParts) {
    this.#config = config
    this.#freeSlots = freeSlots
    this.#hash = hash
    this.#store = store
    this.#pending = pending
    this.#postponed = new Postponed(FIRST_RETRY_TIMEOUTS * config.requestTimeoutMs)
    this.#missed = new Missed(config.requestTimeoutMs)
    this.#validating = validates ? new Map() : undefined
  }

  /** How many updates are postponed. */
  get postponed(): number {
    return this.#postponed.size
  }

  /** Notes that `from` offers an update. Returns whether it is postponed, so that the offer is ignored for now. */
  offered(key: DigestKey, from: Address, nowMs: number): boolean {
    this.#missed.offered(key, from, nowMs)
    return this.#postponed.holds(key, from, nowMs)
  }

  /** Returns how many of `digests` are postponed when `from` offers them. */
  countPostponed(digests: DigestBlock, from: Address, nowMs: number): number {
    let postponed = 0
    for (let index = 0; this.postponed > 0 && index < countDigests(digests); index++)
      if (this.#postponed.holds(digestKey(digests, index), from, nowMs)) postponed++
    return postponed
  }

  /**
   * Notes that an offer of `from` cannot be taken, and returns `reason`. Ignores offers of peers that have served nothing,
   * because these may be made up.
   */
  misses(key: DigestKey, from: Address, reason: DropReason, nowMs: number): DropReason {
    if (this.#pending.hasServed(from)) this.#missed.add(key, from, nowMs)
    return reason
  }

  /** Notes that `peer` has named all that it has and this node lacks. */
  fullAnswer(peer: Address): void {
    this.#missed.fullAnswer(peer)
  }

  /** Notes the updates that `from` offered and did not send. */
  notDelivered(keys: readonly DigestKey[], from: Address, nowMs: number): void {
    for (const key of keys)
      if (this.#store.status(key) === 'unknown') this.#missed.add(key, from, nowMs)
  }

  /** Reports the missed updates that no peer offers any more. Is called in each round. */
  takeLost(nowMs: number): FamilyEffect[] {
    const lost = this.#missed.takeLost(nowMs)
    return lost === 0 ? [] : [{ kind: 'dropped', reason: 'lost', count: lost }]
  }

  /** Notes that the application has submitted the update itself. */
  submitted(key: DigestKey): void {
    this.#settled(key)
  }

  /** How many contents wait for their verdict. */
  get validating(): number {
    return this.#validating?.size ?? 0
  }

  /** Returns whether the content of `key` waits for its verdict. */
  isValidating(key: DigestKey): boolean {
    return this.#validating?.has(key) === true
  }

  /** Receives an answer of `from`. `useful` is whether one of its contents was pending. */
  answered(
    nowMs: number,
    from: Address,
    { contents, ages }: ReceivedContents
  ): { effects: FamilyEffect[]; useful: boolean } {
    const refused = new Map<DropReason, number>()
    const effects: FamilyEffect[] = []
    let useful = false
    contents.forEach((content, index) => {
      if (content.length === 0) {
        countDrop(refused, 'malformed-content')
        return
      }
      const key = this.#keyOf(content)
      if (!this.#pending.take(key, from)) {
        countDrop(refused, 'unsolicited')
        // It is no violation if another peer was faster, or if the content had come before and was postponed.
        if (!this.#isPresent(key) && !this.#postponed.has(key))
          effects.push(unsolicitedContent(from))
        return
      }
      useful = true
      const submittedAtMs = nowMs - ages[index]! * AGE_UNIT_MS
      const reason = this.#refusal(nowMs, from, key, content.length, submittedAtMs)
      if (reason === undefined) {
        effects.push(this.#receive(nowMs, { content, from, submittedAtMs }, key))
      } else this.#refuse(nowMs, from, key, reason, refused)
    })
    return { effects: [...effects, ...drops(from, refused)], useful }
  }

  /** Receives pushed contents. If one of them is damaged, none is taken. */
  pushed(
    nowMs: number,
    from: Address,
    { contents, ages, check }: MessageOf<'eager-push'>
  ): PushResult {
    const keys = contents.map((content) => this.#keyOf(content))
    const isDamaged = digestCheck(keys) !== check
    if (isDamaged || contents.some(({ length }) => length === 0)) {
      const damaged = Math.max(1, contents.length)
      const effects: FamilyEffect[] = [
        { kind: 'dropped', reason: 'malformed-content', count: damaged, peer: from },
        { kind: 'violation', peer: from, reason: 'malformed' }
      ]
      return { effects, taken: [], duplicates: [], refused: [] }
    }
    const refused = new Map<DropReason, number>()
    const pushed: PushResult = { effects: [], taken: [], duplicates: [], refused: [] }
    keys.forEach((key, index) => {
      const content = contents[index]!
      if (this.#isPresent(key)) {
        pushed.duplicates.push(key)
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
        // Without `from`: the push is no answer, even if this content was also requested of `from`.
        this.#pending.take(key)
        pushed.taken.push(key)
        pushed.effects.push(this.#receive(nowMs, { content, from, submittedAtMs }, key))
      }
    })
    pushed.effects.push(...drops(from, refused))
    return pushed
  }

  /** Receives the verdict on a content. Without one (`undefined`), the update is postponed as for `later`. */
  validated(nowMs: number, key: DigestKey, verdict: Verdict | undefined): FamilyEffect[] {
    const candidate = this.#validating?.get(key)
    if (candidate === undefined) return []
    this.#validating!.delete(key)
    const { content, from, submittedAtMs } = candidate
    // The application may have submitted the same meanwhile.
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
    this.#settled(key)
    this.#store.refuse(key)
    if (verdict === 'ignore')
      return [{ kind: 'dropped', reason: 'validator-ignored', count: 1, peer: from }]
    return [
      { kind: 'dropped', reason: 'validator-rejected', count: 1, peer: from },
      { kind: 'violation', peer: from, reason: 'rejected-update' }
    ]
  }

  #isPresent(key: DigestKey): boolean {
    return this.#store.status(key) !== 'unknown' || this.isValidating(key)
  }

  /** Returns the reason why a pushed content cannot be taken now, after `taken` contents of the same message, if any. */
  #busy(key: DigestKey, taken: number): DropReason | undefined {
    // With a validator, `validating` already counts the contents taken of this message.
    const expected =
      this.#pending.size + this.validating + (this.#validating === undefined ? taken : 0)
    // A pending content has its slot already.
    if (!this.#pending.has(key) && expected >= this.#freeSlots()) return 'handler-queue-full'
    return this.validating >= this.#config.maxRequests ? 'request-limit' : undefined
  }

  /** Returns the reason to refuse a content, if any: from every peer or, if it is the age, from this peer. */
  #refusal(
    nowMs: number,
    from: Address,
    key: DigestKey,
    bytes: number,
    submittedAtMs: number
  ): DropReason | undefined {
    if (bytes > this.#config.maxContentBytes) return 'content-too-large'
    // It may come before its next try, as by a push: the reason to postpone it still stands.
    if (this.#postponed.holds(key, from, nowMs)) return 'postponed'
    if (this.#store.isTooOld(submittedAtMs, bytes, nowMs)) return 'content-expired'
    return this.#store.hasCapacity(1, bytes, nowMs) ? undefined : 'store-full'
  }

  /** Counts a refusal, and postpones the update, unless the reason was the handler's queue or the number of requests. */
  #refuse(
    nowMs: number,
    from: Address,
    key: DigestKey,
    reason: DropReason,
    refused: Map<DropReason, number>
  ): void {
    countDrop(refused, reason)
    if (reason === 'postponed') return
    if (reason === 'handler-queue-full' || reason === 'request-limit') {
      this.#missed.add(key, from, nowMs)
      return
    }
    const isGivenUp = this.#postpone(nowMs, from, key, reason)
    // An update that expired before it came is not lost.
    if (reason === 'content-expired') return
    if (this.#note(key, isGivenUp, from, nowMs)) countDrop(refused, 'lost')
  }

  /** Notes a postponed update as missed, or as lost when it is given up. Returns whether to report it as lost. */
  #note(key: DigestKey, isGivenUp: boolean, from: Address, nowMs: number): boolean {
    if (isGivenUp) return this.#missed.markReported(key)
    this.#missed.add(key, from, nowMs)
    return false
  }

  /** Forgets an update that was accepted, or that is no longer needed. */
  #settled(key: DigestKey): void {
    this.#postponed.delete(key)
    this.#missed.delete(key)
  }

  /** Postpones an update. Returns whether it is given up. */
  #postpone(nowMs: number, from: Address, key: DigestKey, reason: DropReason): boolean {
    if (reason === 'content-expired') return this.#postponed.addFrom(key, from, nowMs)
    // The limit does not change while this node runs.
    if (reason === 'content-too-large') return this.#postponed.giveUp(key, nowMs)
    return this.#postponed.add(key, nowMs)
  }

  #receive(nowMs: number, candidate: Candidate, key: DigestKey): FamilyEffect {
    if (this.#validating === undefined) return this.#accept(nowMs, candidate, key)
    this.#validating.set(key, candidate)
    const { content, from } = candidate
    return { kind: 'validate', update: { key, content }, from }
  }

  #accept(nowMs: number, { content, submittedAtMs }: Candidate, key: DigestKey): FamilyEffect {
    this.#settled(key)
    this.#store.add(content, key, nowMs, submittedAtMs)
    return { kind: 'deliver', update: { key, content }, submittedAtMs }
  }

  #keyOf(content: Uint8Array): DigestKey {
    return digestKey(this.#hash(content), 0)
  }
}
