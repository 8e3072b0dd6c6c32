/** Store, fetching and anti-entropy of one node, joined as in the engine, without views, broadcast and penalties. */

import { AntiEntropy } from '../../src/anti-entropy/anti-entropy.ts'
import type { DisseminationConfig } from '../../src/engine/engine-options.ts'
import { Fetcher } from '../../src/fetch/fetcher.ts'
import { MAX_TIMEOUTS } from '../../src/fetch/path-estimate.ts'
import type { FamilyEffect } from '../../src/model/effect.ts'
import type { EagerPush, Message, SetMessage } from '../../src/model/message.ts'
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
import { submitTo } from '../../src/store/submit.ts'
import { Unacknowledged } from '../../src/store/unacknowledged.ts'
import { UpdateStore } from '../../src/store/update-store.ts'

export class UpdateNode {
  readonly #config: DisseminationConfig
  readonly #store: UpdateStore
  readonly #own: Unacknowledged
  readonly #fetcher: Fetcher
  readonly #antiEntropy: AntiEntropy

  constructor(config: DisseminationConfig, { seed = 1, validates = false } = {}) {
    this.#config = config
    const graceMs = MAX_TIMEOUTS * config.requestTimeoutMs
    const store = new UpdateStore(config.expiration, { ...config, graceMs })
    const unacknowledged = new Unacknowledged(config.expiration.mode === 'pushCount')
    store.watch(unacknowledged)
    const parts = { config, store, unacknowledged, hash: blake3Hash }
    this.#store = store
    this.#own = unacknowledged
    this.#fetcher = new Fetcher({ ...parts, validates })
    const rng = createRng(seed)
    this.#antiEntropy = new AntiEntropy({
      ...parts,
      offers: this.#fetcher,
      label: '',
      rng,
      nowMs: 0
    })
  }

  set capacity(updates: number) {
    this.#fetcher.capacity = updates
  }

  get dueMs(): number {
    return Math.min(this.#fetcher.dueMs, this.#antiEntropy.dueMs)
  }

  get unacknowledged(): number {
    return this.#own.count
  }

  gauges(): ReturnType<UpdateStore['gauges']> & ReturnType<Fetcher['gauges']> {
    return { ...this.#store.gauges(), ...this.#fetcher.gauges() }
  }

  advance(nowMs: number): void {
    this.#store.advance(nowMs)
  }

  status(nowMs: number, digest: DigestBlock): UpdateStatus {
    this.advance(nowMs)
    return this.#store.status(digestKey(digest, 0))
  }

  submit(nowMs: number, content: Uint8Array): KeyedSubmission {
    const rules = { hash: blake3Hash, maxContentBytes: this.#config.maxContentBytes }
    const { key, status, stored } = submitTo(this.#store, nowMs, content, rules)
    if (stored !== undefined) {
      this.#fetcher.submitted(stored.key)
      this.#own.submitted(stored.key)
    }
    return { key, status }
  }

  tick(nowMs: number, chooseTargets: (count: number) => readonly Address[]): FamilyEffect[] {
    if (nowMs < this.dueMs) return []
    this.advance(nowMs)
    return [
      ...this.#own.takeEnded(),
      ...this.#fetcher.tick(nowMs),
      ...this.#antiEntropy.tick(nowMs, chooseTargets, () => [])
    ]
  }

  receive(nowMs: number, from: Address, message: SetMessage): FamilyEffect[] {
    this.#own.messageReceived()
    this.advance(nowMs)
    switch (message.kind) {
      case 'content-request':
        return [this.#fetcher.serve(nowMs, from, message.digests)]
      case 'content-response': {
        const isAwaited = this.#fetcher.isAwaiting(nowMs, from)
        const effects = this.#fetcher.answered(nowMs, from, message)
        return isAwaited ? [...effects, ...this.#antiEntropy.goOn(nowMs, from)] : effects
      }
      case 'ihave':
        return this.#fetcher.offered(nowMs, from, message.digests)
      default:
        return this.#antiEntropy.receive(nowMs, from, message)
    }
  }

  pushed(nowMs: number, from: Address, push: EagerPush): ReturnType<Fetcher['pushed']> {
    this.#own.messageReceived()
    this.advance(nowMs)
    return this.#fetcher.pushed(nowMs, from, push)
  }

  validated(nowMs: number, digest: DigestBlock, verdict?: Verdict): FamilyEffect[] {
    this.advance(nowMs)
    return this.#fetcher.validated(nowMs, digestKey(digest, 0), verdict)
  }

  sent(nowMs: number, message: Message, answers: readonly DigestKey[] = []): void {
    for (const key of answers) this.#own.answered(key)
    if (message.kind === 'digest-request' || message.kind === 'digest-response')
      this.#store.pushed(message.digests, nowMs)
  }

  sendFailed(nowMs: number, to: Address): FamilyEffect[] {
    this.#antiEntropy.sendFailed(to)
    return this.#fetcher.sendFailed(nowMs, to)
  }
}
