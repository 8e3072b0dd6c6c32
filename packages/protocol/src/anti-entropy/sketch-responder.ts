/** Answers the exchanges of sketches that peers open. Keeps no state, so that no peer can make it use memory. */

import type { MessageOf } from '../model/message.ts'
import {
  countDigests,
  digestKey,
  packKeys,
  type DigestBlock,
  type DigestKey
} from '../model/update.ts'
import type { UpdateStore } from '../store/update-store.ts'
import { maxSymbolsPerMessage, type ActiveSketch } from './active-sketch.ts'
import { equalBytes } from './comparison-backoff.ts'
import type { ComparisonConfig } from './config.ts'

const NO_SYMBOLS: Uint8Array = new Uint8Array(0)

export class SketchResponder {
  readonly #config: ComparisonConfig
  readonly #store: UpdateStore
  readonly #sketch: ActiveSketch
  readonly #maxSymbols: number

  constructor(config: ComparisonConfig, store: UpdateStore, sketch: ActiveSketch) {
    this.#config = config
    this.#store = store
    this.#sketch = sketch
    this.#maxSymbols = maxSymbolsPerMessage(config, sketch.ids)
  }

  /** Returns the answer, also if this node itself compares by lists. */
  answer({ fingerprint, first, count }: MessageOf<'sketch-request'>): MessageOf<'sketch-response'> {
    const ours = this.#sketch.fingerprint()
    const symbols = equalBytes(ours, fingerprint)
      ? NO_SYMBOLS
      : this.#sketch.write(first, Math.min(count, this.#maxSymbols))
    return {
      kind: 'sketch-response',
      fingerprint: ours,
      updates: this.#sketch.count,
      first,
      symbols
    }
  }

  /**
   * Returns the digests that answer a `difference-request`: those of its short ids, and those it named that have expired
   * here, so that the peer does not name them again.
   */
  names({ digests, ids: block }: MessageOf<'difference-request'>): DigestBlock {
    const { ids } = this.#sketch
    const most = this.#config.maxDigestsPerMessage
    const named: DigestKey[] = []
    for (let at = 0; at + ids.bytes <= block.length && named.length < most; at += ids.bytes) {
      const stored = this.#sketch.find(ids.keyAt(block, at))
      if (stored !== undefined) named.push(stored.key)
    }
    for (let index = 0; index < countDigests(digests) && named.length < most; index++) {
      const key = digestKey(digests, index)
      if (this.#store.status(key) === 'expired') named.push(key)
    }
    return packKeys(named)
  }
}
