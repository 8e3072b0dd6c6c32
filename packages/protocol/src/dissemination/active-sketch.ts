/** The sketch of the active updates, made when it is first needed, and who is behind a short id. */

import { fromString } from 'uint8arrays'
import { MAX_CELLS, SKETCH_OVERHEAD_DIGESTS } from '../message.ts'
import { cellBytes, type Cells } from '../reconciliation/cells.ts'
import { ShortIds, type ShortIdBytes, type ShortIdKey } from '../reconciliation/short-id.ts'
import { fingerprintOf, FINGERPRINT_CELLS, Sketch } from '../reconciliation/sketch.ts'
import { DIGEST_BYTES, writeDigest, type DigestFunction, type DigestKey } from '../update.ts'
import type { DisseminationConfig } from './config.ts'
import type { StoredUpdate, StoreWatcher, UpdateStore } from './update-store.ts'

/** Short ids in whose membership two nodes are known to differ, with no remedy: counted as if they did not. */
export type Mask = ReadonlySet<ShortIdKey>

const NO_MASK: Mask = new Set()

export class ActiveSketch implements StoreWatcher {
  readonly ids: ShortIds
  readonly #store: UpdateStore
  readonly #digest: DigestFunction
  #sketch: Sketch | undefined
  /** Active and lingering updates, once there is a sketch. */
  readonly #updates = new Map<ShortIdKey, StoredUpdate>()
  /** Accepted since it was last looked at: to be put in when it is, not while they are on their way to others. */
  readonly #fresh: StoredUpdate[] = []
  /** The digest last looked at. */
  readonly #digestBytes = new Uint8Array(DIGEST_BYTES)
  /** That of the sketch as it is. */
  #fingerprint: Uint8Array | undefined

  constructor(store: UpdateStore, digest: DigestFunction, label: string, bytes: ShortIdBytes) {
    this.ids = new ShortIds(bytes, digest(fromString(label)))
    this.#store = store
    this.#digest = digest
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
    const sketch = this.#sketchOf(FINGERPRINT_CELLS)
    if (mask.size > 0)
      return fingerprintOf(this.countWith(mask), this.cells(FINGERPRINT_CELLS, mask), this.#digest)
    this.#fingerprint ??= fingerprintOf(sketch.count, sketch.copy(FINGERPRINT_CELLS), this.#digest)
    return this.#fingerprint
  }

  /** The first `count` cells, at most {@link MAX_CELLS}, to be changed apart from the sketch. */
  cells(count: number, mask: Mask): Cells {
    const cells = this.#sketchOf(count).copy(count)
    for (const key of mask) {
      this.ids.ofKey(key)
      cells.toggle()
    }
    return cells
  }

  /** The bytes of `count` cells from `first` on, as far as there may be so many. */
  write(first: number, count: number): Uint8Array {
    return this.#sketchOf(Math.min(first + count, MAX_CELLS)).write(first, count)
  }

  /** The update behind a short id: active, or expired and still handed over. */
  find(key: ShortIdKey): StoredUpdate | undefined {
    this.#sketchOf(FINGERPRINT_CELLS)
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

  /** The sketch with at least `cells` cells. It doubles, so all that is active is put in again a few times in a life. */
  #sketchOf(cells: number): Sketch {
    this.#catchUp()
    if (this.#sketch !== undefined && this.#sketch.cellCount >= cells) return this.#sketch
    let capacity = this.#sketch?.cellCount ?? FINGERPRINT_CELLS
    while (capacity < cells) capacity *= 2
    const isFirst = this.#sketch === undefined
    this.#sketch = new Sketch(this.ids, Math.min(capacity, MAX_CELLS))
    for (const stored of this.#store.active()) {
      this.#sketch.insert(this.#bytesOf(stored.key))
      if (isFirst) this.#updates.set(this.ids.key, stored)
    }
    if (isFirst)
      for (const stored of this.#store.lingering()) this.#updates.set(this.keyOf(stored), stored)
    return this.#sketch
  }
}

/** How many cells fit one message; none when it does not even hold what goes with them. */
export function maxCellsPerMessage(config: DisseminationConfig, ids: ShortIds): number {
  const bytes = (config.maxDigestsPerMessage - SKETCH_OVERHEAD_DIGESTS) * DIGEST_BYTES
  return Math.max(0, Math.min(MAX_CELLS, Math.floor(bytes / cellBytes(ids))))
}
