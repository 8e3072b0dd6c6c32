/** Keeps the sketch of the active updates, made when it is first needed, and finds updates by short id. */

import { fromString } from 'uint8arrays'
import { FIELDS, MESSAGE_COST } from '../model/message.ts'
import { DIGEST_BYTES, writeDigest, type HashFunction, type DigestKey } from '../model/update.ts'
import type { StoredUpdate, StoreWatcher, UpdateStore } from '../store/update-store.ts'
import type { ComparisonConfig } from './config.ts'
import { symbolBytes, type CodedSymbols } from './iblt/coded-symbols.ts'
import { ShortIds, type ShortIdBytes, type ShortIdKey } from './iblt/short-id.ts'
import { fingerprintOf, FINGERPRINT_SYMBOLS, Sketch } from './iblt/sketch.ts'

/** Short ids of lasting differences to a peer, which a comparison leaves out. See `KnownDifferences`. */
export type Mask = ReadonlySet<ShortIdKey>

const NO_MASK: Mask = new Set()

export class ActiveSketch implements StoreWatcher {
  readonly ids: ShortIds
  readonly #store: UpdateStore
  readonly #hash: HashFunction
  #sketch: Sketch | undefined
  /** Active updates and those in their grace period, once there is a sketch. */
  readonly #updates = new Map<ShortIdKey, StoredUpdate>()
  /** Updates accepted since the last use of the sketch. They are added on its next use, not while they spread. */
  readonly #fresh: StoredUpdate[] = []
  /** A buffer for one digest. */
  readonly #digestBytes = new Uint8Array(DIGEST_BYTES)
  /** The fingerprint of the sketch; undefined after a change. */
  #fingerprint: Uint8Array | undefined

  constructor(store: UpdateStore, hash: HashFunction, label: string, bytes: ShortIdBytes) {
    this.ids = new ShortIds(bytes, hash(fromString(label)))
    this.#store = store
    this.#hash = hash
    store.watch(this)
  }

  /** How many updates are active. */
  get count(): number {
    return this.#store.activeUpdates
  }

  /** Returns the count with each update of `mask` toggled: one less if it is active, one more if not. */
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

  /** Returns a copy of the first `count` symbols, at most `FIELDS.first.most`, with the ids of `mask` toggled. */
  symbols(count: number, mask: Mask): CodedSymbols {
    const symbols = this.#sketchOf(count).copy(count)
    for (const key of mask) symbols.toggle(this.ids.ofKey(key))
    return symbols
  }

  /** Returns the bytes of `count` symbols from `first` on, up to the symbol `FIELDS.first.most`. */
  write(first: number, count: number): Uint8Array {
    return this.#sketchOf(Math.min(first + count, FIELDS.first.most)).write(first, count)
  }

  /** Returns the update with this short id, if it is active or in its grace period. */
  find(key: ShortIdKey): StoredUpdate | undefined {
    this.#sketchOf(FINGERPRINT_SYMBOLS)
    return this.#updates.get(key)
  }

  keyOf({ key }: StoredUpdate): ShortIdKey {
    return this.ids.keyOf(this.ids.ofDigest(this.#bytesOf(key), 0))
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
    // Another update with the same short id may have replaced it.
    if (this.#updates.get(key) === stored) this.#updates.delete(key)
  }

  /** Adds the updates accepted since the last use. */
  #catchUp(): void {
    if (this.#fresh.length === 0) return
    this.#fingerprint = undefined
    for (const stored of this.#fresh) {
      const id = this.#sketch!.insert(this.#bytesOf(stored.key))
      this.#updates.set(this.ids.keyOf(id), stored)
    }
    this.#fresh.length = 0
  }

  #bytesOf(key: DigestKey): Uint8Array {
    writeDigest(key, this.#digestBytes, 0)
    return this.#digestBytes
  }

  /** Returns the sketch with at least `symbols` symbols. It grows by doubling, so it is rebuilt only a few times. */
  #sketchOf(symbols: number): Sketch {
    this.#catchUp()
    if (this.#sketch !== undefined && this.#sketch.symbolCount >= symbols) return this.#sketch
    let capacity = this.#sketch?.symbolCount ?? FINGERPRINT_SYMBOLS
    while (capacity < symbols) capacity *= 2
    const isFirst = this.#sketch === undefined
    this.#sketch = new Sketch(this.ids, Math.min(capacity, FIELDS.first.most))
    for (const stored of this.#store.active()) {
      const id = this.#sketch.insert(this.#bytesOf(stored.key))
      if (isFirst) this.#updates.set(this.ids.keyOf(id), stored)
    }
    if (isFirst)
      for (const stored of this.#store.inGrace()) this.#updates.set(this.keyOf(stored), stored)
    return this.#sketch
  }
}

/** Returns how many symbols fit one message; 0 when it does not even hold the other fields. */
export function maxSymbolsPerMessage(config: ComparisonConfig, ids: ShortIds): number {
  const bytes = (config.maxDigestsPerMessage - MESSAGE_COST.sketchDigests) * DIGEST_BYTES
  return Math.max(0, Math.min(FIELDS.first.most, Math.floor(bytes / symbolBytes(ids))))
}
