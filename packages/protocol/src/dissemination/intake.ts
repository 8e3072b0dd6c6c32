/** Contents that come in, asked for or handed on: checked, judged where there is a validator, stored, delivered. */
import type { DropReason } from '../drop.ts'
import type { ContentPush } from '../message.ts'
import type { Address } from '../peer.ts'
import {
  digestCheck,
  digestKey,
  digestOfKey,
  type DigestBlock,
  type DigestFunction,
  type DigestKey
} from '../update.ts'
import type { Verdict } from '../verdict.ts'
import type { DisseminationConfig } from './config.ts'
import { drops, unaskedContent, type Outcome, type Pushed } from './outcome.ts'
import type { PendingRequests } from './pending-requests.ts'
import type { UpdateStore } from './update-store.ts'

/** A content on its way from a peer to the store. */
interface Judged {
  readonly content: Uint8Array
  readonly from: Address
}

export class Intake {
  /** How many more updates the handler can take. */
  room: number = Infinity
  readonly #config: DisseminationConfig
  readonly #digest: DigestFunction
  readonly #store: UpdateStore
  readonly #pending: PendingRequests
  /** Contents that wait for their verdict, when there is a validator. */
  readonly #judged: Map<DigestKey, Judged> | undefined

  constructor(
    config: DisseminationConfig,
    digest: DigestFunction,
    store: UpdateStore,
    pending: PendingRequests,
    validates: boolean
  ) {
    this.#config = config
    this.#digest = digest
    this.#store = store
    this.#pending = pending
    this.#judged = validates ? new Map() : undefined
  }

  /** How many contents wait for their verdict. */
  get judging(): number {
    return this.#judged?.size ?? 0
  }

  /** Whether the content of `key` waits for its verdict. */
  judges(key: DigestKey): boolean {
    return this.#judged?.has(key) === true
  }

  /** Contents of a peer that was asked; `useful` when one of them was wanted. */
  answered(
    nowMs: number,
    from: Address,
    contents: readonly Uint8Array[]
  ): { outcomes: Outcome[]; useful: boolean } {
    const refused = new Map<DropReason, number>()
    const refuse = (reason: DropReason): void =>
      void refused.set(reason, (refused.get(reason) ?? 0) + 1)
    const outcomes: Outcome[] = []
    let useful = false
    for (const content of contents) {
      if (this.#isInvalid(content)) {
        refuse('invalid-content')
        continue
      }
      const key = this.#keyOf(content)
      if (!this.#pending.take(key)) {
        refuse('unasked')
        // What others were quicker to bring is no offence.
        if (!this.#isKnown(key)) outcomes.push(unaskedContent(from))
        continue
      }
      useful = true
      if (this.#store.hasRoom(1, content.length))
        outcomes.push(this.#receive(nowMs, content, key, from))
      else refuse('store-full')
    }
    return { outcomes: [...outcomes, ...drops(from, refused)], useful }
  }

  /** Contents that nobody asked for, of a peer that takes them for new: all or, when damaged, none. */
  pushed(nowMs: number, from: Address, { contents, check }: ContentPush): Pushed {
    const keys = contents.some((content) => this.#isInvalid(content))
      ? undefined
      : contents.map((content) => this.#keyOf(content))
    if (keys === undefined || digestCheck(keys) !== check) {
      const refused: Outcome[] = [
        {
          kind: 'drop',
          reason: 'invalid-content',
          count: Math.max(1, contents.length),
          peer: from
        },
        { kind: 'offence', peer: from, reason: 'malformed' }
      ]
      return { outcomes: refused, taken: [], known: [] }
    }
    const refused = new Map<DropReason, number>()
    const pushed: Pushed = { outcomes: [], taken: [], known: [] }
    keys.forEach((key, index) => {
      const content = contents[index]!
      if (this.#isKnown(key)) {
        pushed.known.push(key)
        return
      }
      const reason = this.#refusal(key, content.length, pushed.taken.length)
      if (reason !== undefined) refused.set(reason, (refused.get(reason) ?? 0) + 1)
      else {
        this.#pending.take(key)
        pushed.taken.push(key)
        pushed.outcomes.push(this.#receive(nowMs, content, key, from))
      }
    })
    pushed.outcomes.push(...drops(from, refused))
    return pushed
  }

  /** The verdict on a content that was to be validated; `undefined` when there is none, then a later offer asks again. */
  validated(nowMs: number, digestBytes: DigestBlock, verdict: Verdict | undefined): Outcome[] {
    const key = digestKey(digestBytes, 0)
    const judged = this.#judged?.get(key)
    if (judged === undefined) return []
    this.#judged!.delete(key)
    const { content, from } = judged
    // While it was judged, the application may have submitted the same.
    if (this.#store.status(key) !== 'unknown') return []
    if (verdict === 'accept') {
      if (!this.#store.hasRoom(1, content.length))
        return [{ kind: 'drop', reason: 'store-full', count: 1, peer: from }]
      return [this.#accept(nowMs, content, key)]
    }
    if (verdict !== undefined) this.#store.refuse(key)
    const outcomes: Outcome[] = [{ kind: 'drop', reason: 'not-valid', count: 1, peer: from }]
    if (verdict === 'reject')
      outcomes.push({ kind: 'offence', peer: from, reason: 'rejected-update' })
    return outcomes
  }

  #isInvalid(content: Uint8Array): boolean {
    return content.length === 0 || content.length > this.#config.maxContentBytes
  }

  #isKnown(key: DigestKey): boolean {
    return this.#store.status(key) !== 'unknown' || this.judges(key)
  }

  /** Why a new content that nobody asked for is not taken, after `taken` of the same message. One that is awaited has its place. */
  #refusal(key: DigestKey, bytes: number, taken: number): DropReason | undefined {
    // Those that are judged were counted already.
    const coming = this.#pending.size + this.judging + (this.#judged === undefined ? taken : 0)
    if (!this.#pending.has(key) && coming >= this.room) return 'handler-busy'
    if (this.judging >= this.#config.maxRequests) return 'requests-full'
    return this.#store.hasRoom(1, bytes) ? undefined : 'store-full'
  }

  #receive(nowMs: number, content: Uint8Array, key: DigestKey, from: Address): Outcome {
    if (this.#judged === undefined) return this.#accept(nowMs, content, key)
    this.#judged.set(key, { content, from })
    return { kind: 'validate', update: { digest: digestOfKey(key), content }, from }
  }

  #accept(nowMs: number, content: Uint8Array, key: DigestKey): Outcome {
    const { digest } = this.#store.add(content, key, nowMs)
    return { kind: 'deliver', update: { digest, content }, key }
  }

  #keyOf(content: Uint8Array): DigestKey {
    return digestKey(this.#digest(content), 0)
  }
}
