/**
 * Spreads updates: rounds of digests, requests for what is new, contents in bounded batches (the reference crate's
 * scheme; anti-entropy of Demers et al. 1987, section 1.3, with digests).
 */
import type { DropReason } from '../drop.ts'
import type { Journal } from '../journal.ts'
import { CONTENT_OVERHEAD_BYTES } from '../message.ts'
import type { ContentPush, Message, Prune, Send, ViewRequest, ViewResponse } from '../message.ts'
import type { Address } from '../peer.ts'
import type { Rng } from '../random.ts'
import { countDigests, digestKey, digestOfKey, packKeys } from '../update.ts'
import type {
  Digest,
  DigestBlock,
  DigestFunction,
  DigestKey,
  Submission,
  UpdateStatus
} from '../update.ts'
import type { Verdict } from '../verdict.ts'
import type { DisseminationConfig } from './config.ts'
import type { DisseminationGauges } from './gauges.ts'
import { Intake } from './intake.ts'
import { drops, unasked, unaskedContent, type Outcome, type Pushed } from './outcome.ts'
import { PendingRequests } from './pending-requests.ts'
import { checkContent, storeFull } from './refusals.ts'
import { NO_REQUEST, Rounds } from './rounds.ts'
import { UpdateStore, type StoredUpdate } from './update-store.ts'

export class Disseminator {
  readonly #config: DisseminationConfig
  readonly #digest: DigestFunction
  readonly #store: UpdateStore
  readonly #pending: PendingRequests
  readonly #rounds: Rounds
  readonly #intake: Intake
  /** Numbers the digest requests received, so that an answer can leave out what the request named. */
  #requestNumber = 0

  /** With `validates`, contents of others are stored once `validated` says so. `label` is that of the group. */
  constructor(
    config: DisseminationConfig,
    digest: DigestFunction,
    rng: Rng,
    nowMs: number,
    validates: boolean,
    journal?: Journal,
    label: string = ''
  ) {
    this.#config = config
    this.#digest = digest
    this.#store = new UpdateStore(
      config.expiration,
      {
        maxUpdates: config.maxActiveUpdates,
        maxBytes: config.maxActiveBytes,
        maxRemembered: config.maxRememberedDigests,
        lingerMs: config.requestTimeoutMs
      },
      journal
    )
    this.#pending = new PendingRequests({
      maxRequests: config.maxRequests,
      maxRequestsPerPeer: Math.min(config.maxRequestsPerPeer, config.maxDigestsPerMessage),
      timeoutMs: config.requestTimeoutMs
    })
    this.#intake = new Intake(config, digest, this.#store, this.#pending, validates)
    this.#rounds = new Rounds(config, this.#store, digest, label, rng, nowMs)
  }

  /** How many more updates the handler can take. What is awaited never exceeds it: pull is back-pressure for free. */
  set room(updates: number) {
    this.#intake.room = updates
  }

  /** When `tick` has something to do: the next round, or a request that lapses. */
  get dueMs(): number {
    return Math.min(this.#rounds.dueMs, this.#pending.dueMs)
  }

  gauges(): DisseminationGauges {
    const { activeUpdates, activeBytes, lingeringUpdates, rememberedDigests } = this.#store
    return {
      activeUpdates,
      activeBytes,
      lingeringUpdates,
      rememberedDigests,
      pendingRequests: this.#pending.size,
      judgedUpdates: this.#intake.judging
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
    const key = digestKey(this.#digest(content), 0)
    const status = this.#store.status(key)
    if (status !== 'unknown') return { digest: digestOfKey(key), status }
    if (!this.#store.hasRoom(1, content.length)) throw storeFull(this.#store, content.length)
    this.#pending.take(key)
    const stored = this.#store.add(content.slice(), key, nowMs)
    accepted(stored)
    return { digest: stored.digest, status: 'accepted' }
  }

  /** A round, when due, to targets that `chooseTargets` picks; and requests that have lapsed. Early it does nothing. */
  tick(nowMs: number, chooseTargets: (count: number) => readonly Address[]): Outcome[] {
    if (nowMs < this.dueMs) return []
    this.advance(nowMs)
    const outcomes: Outcome[] = []
    for (const peer of this.#pending.lapsed(nowMs))
      outcomes.push(...this.#askOn(nowMs, this.#pending.lapse(peer, nowMs)))
    outcomes.push(...this.#rounds.tick(nowMs, chooseTargets))
    return outcomes
  }

  receive(
    nowMs: number,
    from: Address,
    message: Exclude<Message, ViewRequest | ViewResponse | ContentPush | Prune>
  ): Outcome[] {
    this.advance(nowMs)
    switch (message.kind) {
      case 'digest-request':
        return this.#answerDigests(nowMs, from, message.digests)
      case 'digest-response':
        if (!this.#rounds.answered(from, message.digests)) return [unasked(from)]
        return this.#consider(nowMs, from, message.digests, this.#config.pull, NO_REQUEST)
      case 'content-request':
        return [this.#answerContents(from, message.digests)]
      case 'content-response':
        return this.#accept(nowMs, from, message.contents)
      case 'announcement':
        return this.#consider(nowMs, from, message.digests, true, NO_REQUEST)
      case 'sketch-request':
        return this.#rounds.answerSketch(from, message)
      case 'sketch-response':
        return this.#rounds.compare(nowMs, from, message, this.#roomFor(from)) ?? [unasked(from)]
      case 'difference-request': {
        const answer = this.#rounds.answerDifference(from, message)
        return [
          ...answer,
          ...this.#consider(nowMs, from, message.digests, this.#config.push, NO_REQUEST)
        ]
      }
    }
  }

  /** Contents that `from` hands on unasked. */
  pushed(nowMs: number, from: Address, push: ContentPush): Pushed {
    this.advance(nowMs)
    return this.#intake.pushed(nowMs, from, push)
  }

  /** The verdict on a content that was to be validated; `undefined` when there is none, then a later offer asks again. */
  validated(nowMs: number, digestBytes: DigestBlock, verdict: Verdict | undefined): Outcome[] {
    this.advance(nowMs)
    return this.#intake.validated(nowMs, digestBytes, verdict)
  }

  /** The network has taken `message`: only now does a push count. */
  sent(nowMs: number, message: Message): void {
    if (this.#config.expiration.mode !== 'pushCount') return
    if (message.kind !== 'digest-request' && message.kind !== 'digest-response') return
    for (let index = 0; index < countDigests(message.digests); index++) {
      const stored = this.#store.get(digestKey(message.digests, index))
      if (stored !== undefined) this.#store.pushed(stored, nowMs)
    }
  }

  /** The network did not take a message to `to`: others are asked for what it owed. */
  sendFailed(nowMs: number, to: Address): Outcome[] {
    this.#rounds.sendFailed(to)
    return this.#askOn(nowMs, this.#pending.failed(to))
  }

  #answerDigests(nowMs: number, from: Address, named: DigestBlock): Outcome[] {
    const number = ++this.#requestNumber
    const outcomes = this.#consider(nowMs, from, named, this.#config.push, number)
    if (this.#config.pull) {
      outcomes.push({
        kind: 'send',
        to: from,
        message: { kind: 'digest-response', digests: this.#rounds.offer(number) }
      })
    }
    return outcomes
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
      if (stored !== undefined) stored.namedIn = named
      else if (want && this.#store.status(key) === 'unknown') {
        const reason = this.#want(nowMs, key, from)
        if (reason !== undefined) refused.set(reason, (refused.get(reason) ?? 0) + 1)
      }
    }
    return [...drops(from, refused), ...this.#openRequest(nowMs, from)]
  }

  #want(nowMs: number, key: DigestKey, from: Address): DropReason | undefined {
    if (this.#intake.judges(key)) return undefined
    if (this.#pending.distrusts(from, nowMs)) return 'distrusted'
    if (this.#pending.has(key)) {
      this.#pending.alsoOffered(key, from)
      return undefined
    }
    const coming = this.#pending.size + this.#intake.judging
    if (coming >= this.#intake.room) return 'handler-busy'
    if (!this.#store.hasRoom(coming + 1, this.#config.maxContentBytes)) return 'store-full'
    if (coming >= this.#config.maxRequests || !this.#pending.hasRoom(from)) return 'requests-full'
    this.#pending.want(key, from)
    return undefined
  }

  /** How many contents more may be asked of `from`, about. */
  #roomFor(from: Address): number {
    const coming = this.#pending.size + this.#intake.judging
    const { maxRequests, maxRequestsPerPeer } = this.#config
    return this.#pending.hasRoom(from)
      ? Math.max(0, Math.min(maxRequestsPerPeer, maxRequests - coming, this.#intake.room - coming))
      : 0
  }

  #answerContents(from: Address, digests: DigestBlock): Send {
    const contents: Uint8Array[] = []
    const serves = new Set<Digest>()
    let bytes = 0
    for (let index = 0; index < countDigests(digests); index++) {
      const stored = this.#store.servable(digestKey(digests, index))
      if (stored === undefined || serves.has(stored.digest)) continue
      bytes += stored.content.length + CONTENT_OVERHEAD_BYTES
      const full =
        bytes > this.#config.maxBatchBytes || contents.length >= this.#config.maxRequestsPerPeer
      if (contents.length > 0 && full) break
      contents.push(stored.content)
      serves.add(stored.digest)
    }
    return {
      kind: 'send',
      to: from,
      message: { kind: 'content-response', contents },
      serves: [...serves]
    }
  }

  #accept(nowMs: number, from: Address, contents: readonly Uint8Array[]): Outcome[] {
    if (!this.#pending.mayAnswer(from)) {
      return [
        { kind: 'drop', reason: 'unasked', count: Math.max(1, contents.length), peer: from },
        unaskedContent(from)
      ]
    }
    const { outcomes, useful } = this.#intake.answered(nowMs, from, contents)
    return [...outcomes, ...this.#askOn(nowMs, this.#pending.answered(from, useful, nowMs))]
  }

  /** The requests that follow when digests moved on to other peers, and what was given up. */
  #askOn(nowMs: number, moved: { affected: readonly Address[]; lost: number }): Outcome[] {
    const outcomes: Outcome[] = moved.affected.flatMap((peer) => this.#openRequest(nowMs, peer))
    if (moved.lost > 0) outcomes.push({ kind: 'drop', reason: 'not-served', count: moved.lost })
    return outcomes
  }

  #openRequest(nowMs: number, to: Address): Outcome[] {
    const keys = this.#pending.open(to, nowMs)
    return keys.length === 0
      ? []
      : [{ kind: 'send', to, message: { kind: 'content-request', digests: packKeys(keys) } }]
  }
}
