/** Store, fetching and anti-entropy of one node, joined as in the engine, without views, broadcast and penalties. */

import { dispatch } from '../../src/engine/dispatch.ts'
import type { DisseminationConfig } from '../../src/engine/engine-options.ts'
import { EngineState } from '../../src/engine/engine-state.ts'
import type { Fetcher } from '../../src/fetch/fetcher.ts'
import type { FamilyEffect } from '../../src/model/effect.ts'
import type { Message, MessageOf } from '../../src/model/message.ts'
import type { Address } from '../../src/model/peer.ts'
import { createRng } from '../../src/model/random.ts'
import { blake3Hash, digestKey } from '../../src/model/update.ts'
import type {
  DigestBlock,
  DigestKey,
  KeyedSubmission,
  UpdateStatus
} from '../../src/model/update.ts'
import type { Verdict } from '../../src/model/verdict.ts'
import { PRESETS } from '../../src/options/presets.ts'
import { submitTo } from '../../src/store/submit.ts'
import type { UpdateStore } from '../../src/store/update-store.ts'

export class UpdateNode {
  readonly #parts: EngineState
  /** How many more updates the handler can take. */
  capacity = Infinity

  constructor(config: DisseminationConfig, { seed = 1, validates = false } = {}) {
    this.#parts = new EngineState({
      self: 'self',
      membership: PRESETS.lan.membership,
      store: config,
      fetch: config,
      antiEntropy: config,
      hash: blake3Hash,
      rng: createRng(seed),
      nowMs: 0,
      validates,
      freeSlots: () => this.capacity
    })
  }

  get dueMs(): number {
    return Math.min(this.#parts.fetcher.dueMs, this.#parts.antiEntropy.dueMs)
  }

  get unacknowledged(): number {
    return this.#parts.ownUpdates.count
  }

  gauges(): ReturnType<UpdateStore['gauges']> & ReturnType<Fetcher['gauges']> {
    return { ...this.#parts.store.gauges(), ...this.#parts.fetcher.gauges() }
  }

  advance(nowMs: number): void {
    this.#parts.store.advance(nowMs)
  }

  status(nowMs: number, digest: DigestBlock): UpdateStatus {
    this.advance(nowMs)
    return this.#parts.store.status(digestKey(digest, 0))
  }

  submit(nowMs: number, content: Uint8Array): KeyedSubmission {
    const { store, contentRules } = this.#parts
    const { key, status, stored } = submitTo(store, nowMs, content, contentRules)
    if (stored !== undefined) {
      this.#parts.fetcher.submitted(stored.key)
      this.#parts.ownUpdates.submitted(stored.key)
    }
    return { key, status }
  }

  tick(nowMs: number, chooseTargets: (count: number) => readonly Address[]): FamilyEffect[] {
    if (nowMs < this.dueMs) return []
    this.advance(nowMs)
    return [
      ...this.#parts.ownUpdates.takeEnded(),
      ...this.#parts.fetcher.tick(nowMs),
      ...this.#parts.antiEntropy.tick(nowMs, chooseTargets, () => [])
    ]
  }

  receive(nowMs: number, from: Address, message: Message): readonly FamilyEffect[] {
    return dispatch(this.#parts, nowMs, from, message)
  }

  pushed(
    nowMs: number,
    from: Address,
    push: MessageOf<'eager-push'>
  ): ReturnType<Fetcher['pushed']> {
    this.#parts.ownUpdates.messageReceived()
    this.advance(nowMs)
    return this.#parts.fetcher.pushed(nowMs, from, push)
  }

  validated(nowMs: number, digest: DigestBlock, verdict?: Verdict): FamilyEffect[] {
    this.advance(nowMs)
    return this.#parts.fetcher.validated(nowMs, digestKey(digest, 0), verdict)
  }

  sent(nowMs: number, message: Message, answers: readonly DigestKey[] = []): void {
    for (const key of answers) this.#parts.ownUpdates.answered(key)
    if (message.kind === 'digest-request' || message.kind === 'digest-response')
      this.#parts.store.pushed(message.digests, nowMs)
  }

  sendFailed(nowMs: number, to: Address): FamilyEffect[] {
    this.#parts.antiEntropy.sendFailed(to)
    return this.#parts.fetcher.sendFailed(nowMs, to)
  }
}
