/** Answers to the exchanges of sketches that peers open. Remembers nothing, so that strangers cost no memory. */

import type { DifferenceRequest, SketchRequest, SketchResponse } from '../message.ts'
import { countDigests, digestKey, packKeys, type DigestBlock, type DigestKey } from '../update.ts'
import { maxSymbolsPerMessage, type ActiveSketch } from './active-sketch.ts'
import { equalBytes } from './comparison-backoff.ts'
import type { DisseminationConfig } from './config.ts'
import type { UpdateStore } from './update-store.ts'

const NO_SYMBOLS: Uint8Array = new Uint8Array(0)

export class SketchAnswers {
  readonly #config: DisseminationConfig
  readonly #store: UpdateStore
  readonly #sketch: ActiveSketch
  readonly #maxSymbols: number

  constructor(config: DisseminationConfig, store: UpdateStore, sketch: ActiveSketch) {
    this.#config = config
    this.#store = store
    this.#sketch = sketch
    this.#maxSymbols = maxSymbolsPerMessage(config, sketch.ids)
  }

  /** What to answer; to be sent whatever our own mode is. */
  answer({ fingerprint, first, count }: SketchRequest): SketchResponse {
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
   * The digests for what a {@link DifferenceRequest} asks: those behind its ids, and of those that it names the ones that
   * expired here, so that it need not name them again.
   */
  names({ digests, ids: block }: DifferenceRequest): DigestBlock {
    const { ids } = this.#sketch
    const most = this.#config.maxDigestsPerMessage
    const named: DigestKey[] = []
    for (let at = 0; at + ids.bytes <= block.length && named.length < most; at += ids.bytes) {
      ids.read(block, at)
      const stored = this.#sketch.find(ids.key)
      if (stored !== undefined) named.push(stored.key)
    }
    for (let index = 0; index < countDigests(digests) && named.length < most; index++) {
      const key = digestKey(digests, index)
      if (this.#store.status(key) === 'expired') named.push(key)
    }
    return packKeys(named)
  }
}
