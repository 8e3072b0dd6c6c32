/** Store, fetching and anti-entropy of one node, joined as in the engine, without views, broadcast and penalties. */

import type { AntiEntropy } from '../../src/anti-entropy/anti-entropy.ts'
import type { DisseminationConfig } from '../../src/engine/engine-options.ts'
import { EngineState } from '../../src/engine/engine-state.ts'
import type { Fetcher } from '../../src/fetch/fetcher.ts'
import type { FamilyEffect } from '../../src/model/effect.ts'
import type { Message, MessageKind, MessageOf } from '../../src/model/message.ts'
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
import type { Unacknowledged } from '../../src/store/unacknowledged.ts'
import type { UpdateStore } from '../../src/store/update-store.ts'

/** The messages of fetch and anti-entropy, and `ihave`: they name updates, or bring contents that were requested. */
type SetMessage = MessageOf<
  Exclude<
    MessageKind,
    'view-request' | 'view-response' | 'neighbor' | 'eager-push' | 'prune' | 'refused'
  >
>

/** The parts as the engine makes them. */
class Parts extends EngineState {
  declare readonly store: UpdateStore
  declare readonly ownUpdates: Unacknowledged
  declare readonly fetcher: Fetcher
  declare readonly antiEntropy: AntiEntropy
  declare readonly contentRules: Parameters<typeof submitTo>[3]
}

export class UpdateNode {
  readonly #parts: Parts

  constructor(config: DisseminationConfig, { seed = 1, validates = false } = {}) {
    this.#parts = new Parts({
      self: 'self',
      membership: PRESETS.lan.membership,
      store: config,
      fetch: config,
      antiEntropy: config,
      hash: blake3Hash,
      rng: createRng(seed),
      nowMs: 0,
      validates
    })
  }

  set capacity(updates: number) {
    this.#parts.fetcher.capacity = updates
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

  receive(nowMs: number, from: Address, message: SetMessage): FamilyEffect[] {
    this.#parts.ownUpdates.messageReceived()
    this.advance(nowMs)
    switch (message.kind) {
      case 'content-request':
        return [this.#parts.fetcher.serve(nowMs, from, message.digests)]
      case 'content-response': {
        const isAwaited = this.#parts.fetcher.isAwaiting(nowMs, from)
        const effects = this.#parts.fetcher.answered(nowMs, from, message)
        return isAwaited ? [...effects, ...this.#parts.antiEntropy.goOn(nowMs, from)] : effects
      }
      case 'ihave':
        return this.#parts.fetcher.offered(nowMs, from, message.digests)
      default:
        return this.#parts.antiEntropy.receive(nowMs, from, message)
    }
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
