/** The sketch of the active updates, made when it is first needed, and who is behind a short id. */

import { fromString } from 'uint8arrays'
import { MAX_SYMBOLS, SKETCH_OVERHEAD_DIGESTS } from '../message.ts'
import { symbolBytes, type CodedSymbols } from '../reconciliation/coded-symbols.ts'
import { ShortIds, type ShortIdBytes, type ShortIdKey } from '../reconciliation/short-id.ts'
import { fingerprintOf, FINGERPRINT_SYMBOLS, Sketch } from '../reconciliation/sketch.ts'
import { DIGEST_BYTES, writeDigest, type HashFunction, type DigestKey } from '../update.ts'
import type { DisseminationConfig } from './config.ts'
import type { StoredUpdate, StoreWatcher, UpdateStore } from './update-store.ts'

/** Short ids in whose membership two nodes are known to differ, with no remedy: counted as if they did not. */
export type Mask = ReadonlySet<ShortIdKey>

const NO_MASK: Mask = new Set()

export class ActiveSketch implements StoreWatcher {
  readonly ids: ShortIds
  readonly #store: UpdateStore
  readonly #hash: HashFunction
  #sketch: Sketch | undefined
  /** Active updates and those in their grace period, once there is a sketch. */
  readonly #updates = new Map<ShortIdKey, StoredUpdate>()
  /** Accepted since it was last looked at: to be put in when it is, not while they are on their way to others. */
  readonly #fresh: StoredUpdate[] = []
  /** The digest last looked at. */
  readonly #digestBytes = new Uint8Array(DIGEST_BYTES)
  /** That of the sketch as it is. */
  #fingerprint: Uint8Array | undefined

  constructor(store: UpdateStore, hash: HashFunction, label: string, bytes: ShortIdBytes) {
    this.ids = new ShortIds(bytes, hash(fromString(label)))
    this.#store = store
    this.#hash = hash
    store.watcher = this
  }

  /** How many updates are active. */
  get count(): number {
    return this.#store.activeUpdates
  }

  /** The same, were it not for what is in `mask`. */
  countWith(mask: Mask): number {
    this.#catchUp()
    let { count } = this
    for (const key of mask) {
      const stored = this.#updates.get(key)
      count += stored !== undefined && this.#store.get(stored.key) === stored ? -1 : 1
    }
    return count
  }

  fingerprint(mask: Mask = NO_MASK): Uint8Array {
    const sketch = this.#sketchOf(FINGERPRINT_SYMBOLS)
    if (mask.size > 0)
      return fingerprintOf(
        this.countWith(mask),
        this.symbols(FINGERPRINT_SYMBOLS, mask),
        this.#hash
      )
    this.#fingerprint ??= fingerprintOf(sketch.count, sketch.copy(FINGERPRINT_SYMBOLS), this.#hash)
    return this.#fingerprint
  }

  /** The first `count` symbols, at most {@link MAX_SYMBOLS}, to be changed apart from the sketch. */
  symbols(count: number, mask: Mask): CodedSymbols {
    const symbols = this.#sketchOf(count).copy(count)
    for (const key of mask) {
      this.ids.ofKey(key)
      symbols.toggle()
    }
    return symbols
  }

  /** The bytes of `count` symbols from `first` on, as far as there may be so many. */
  write(first: number, count: number): Uint8Array {
    return this.#sketchOf(Math.min(first + count, MAX_SYMBOLS)).write(first, count)
  }

  /** The update behind a short id: active, or expired and still handed over. */
  find(key: ShortIdKey): StoredUpdate | undefined {
    this.#sketchOf(FINGERPRINT_SYMBOLS)
    return this.#updates.get(key)
  }

  keyOf({ key }: StoredUpdate): ShortIdKey {
    this.ids.ofDigest(this.#bytesOf(key), 0)
    return this.ids.key
  }

  accepted(stored: StoredUpdate): void {
    if (this.#sketch !== undefined) this.#fresh.push(stored)
  }

  expired(stored: StoredUpdate): void {
    if (this.#sketch === undefined) return
    this.#catchUp()
    this.#fingerprint = undefined
    this.#sketch.remove(this.#bytesOf(stored.key))
  }

  gone(stored: StoredUpdate): void {
    if (this.#sketch === undefined) return
    this.#catchUp()
    const key = this.keyOf(stored)
    // Another one of the same short id may have taken its place.
    if (this.#updates.get(key) === stored) this.#updates.delete(key)
  }

  /** Puts in what was accepted since the last look. */
  #catchUp(): void {
    if (this.#fresh.length === 0) return
    this.#fingerprint = undefined
    for (const stored of this.#fresh) {
      this.#sketch!.insert(this.#bytesOf(stored.key))
      this.#updates.set(this.ids.key, stored)
    }
    this.#fresh.length = 0
  }

  #bytesOf(key: DigestKey): Uint8Array {
    writeDigest(key, this.#digestBytes, 0)
    return this.#digestBytes
  }

  /** The sketch with at least `symbols` symbols. It doubles, so all that is active is put in again a few times in a life. */
  #sketchOf(symbols: number): Sketch {
    this.#catchUp()
    if (this.#sketch !== undefined && this.#sketch.symbolCount >= symbols) return this.#sketch
    let capacity = this.#sketch?.symbolCount ?? FINGERPRINT_SYMBOLS
    while (capacity < symbols) capacity *= 2
    const isFirst = this.#sketch === undefined
    this.#sketch = new Sketch(this.ids, Math.min(capacity, MAX_SYMBOLS))
    for (const stored of this.#store.active()) {
      this.#sketch.insert(this.#bytesOf(stored.key))
      if (isFirst) this.#updates.set(this.ids.key, stored)
    }
    if (isFirst)
      for (const stored of this.#store.inGrace()) this.#updates.set(this.keyOf(stored), stored)
    return this.#sketch
  }
}

/** How many symbols fit one message; none when it does not even hold what goes with them. */
export function maxSymbolsPerMessage(config: DisseminationConfig, ids: ShortIds): number {
  const bytes = (config.maxDigestsPerMessage - SKETCH_OVERHEAD_DIGESTS) * DIGEST_BYTES
  return Math.max(0, Math.min(MAX_SYMBOLS, Math.floor(bytes / symbolBytes(ids))))
}
