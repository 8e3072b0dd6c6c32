/**
 * Reads and writes the records of storage in a level database: `v` the version, `u` updates, `h` marks of handled updates, `m`
 * seen digests, `p` peers, and `c` the checkpoint of the last batch. The checkpoint has the number of the batch, and for each
 * kind of record a fingerprint of all digests, which shows records that the database lost without an error.
 */

import {
  GossipError,
  type Digest,
  type PersistedState,
  type PersistedUpdate,
  type StorageChange
} from '@rumormill/protocol/plugin'
import type { AbstractLevel } from 'abstract-level'
import { Names } from './names.ts'
import { jsonPayload, opened, readJson, readUpdate, sealed, updatePayload } from './record.ts'

/** A database with any types of keys and values: each call here sets its own encodings. */
// oxlint-disable-next-line typescript/no-explicit-any -- its methods take what they give, so that `unknown` fits none.
export type Level = AbstractLevel<any, any, any>

const VERSION = 'rumormill storage 1'
const KEY = /^[uhm][0-9a-f]{64}$|^[vcp]$/

/** The record `c`. The last three are fingerprints. */
interface Checkpoint {
  readonly batch: number
  readonly updates: string
  readonly handled: string
  readonly seen: string
}

/** The records of one open database. Must not be used after an error of `write`, because the state on disk is then unknown. */
export class RecordStore {
  readonly #level: Level
  readonly #updates = new Names()
  readonly #handled = new Names()
  readonly #seen = new Names()
  #seq = 0
  #batch = 0

  constructor(level: Level) {
    this.#level = level
  }

  /** The number of the last batch. Each batch has a higher number than the one before. */
  get batch(): number {
    return this.#batch
  }

  /** Loads all records and removes damaged ones. `witnessed` is the number of a batch known to have been written. */
  async load(witnessed: number): Promise<PersistedState> {
    const { valid, damaged } = await this.#read()
    checkOrigin(valid, damaged)
    const updates: (PersistedUpdate & { seq: number })[] = []
    const seen: { digest: Digest; seq: number }[] = []
    for (const [key, payload] of valid) {
      const digest = key.slice(1)
      if (key[0] === 'u') {
        const update = readUpdate(payload)
        if (update !== undefined)
          updates.push({ digest, ...update, handled: valid.has(`h${digest}`) })
      } else if (key[0] === 'm') seen.push({ digest, seq: Number(readJson(payload)) })
      else if (key[0] === 'h') this.#handled.add(digest)
    }
    updates.sort((a, b) => a.seq - b.seq)
    seen.sort((a, b) => a.seq - b.seq)
    for (const { digest } of updates) this.#updates.add(digest)
    for (const { digest } of seen) this.#seen.add(digest)
    this.#seq = Math.max(0, ...[updates.at(-1), seen.at(-1)].map((last) => (last?.seq ?? -1) + 1))
    const lost = this.#lost(valid, witnessed)
    await this.#removeDamaged(valid.size, damaged, lost)
    return {
      updates: updates.map(({ digest, content, submittedAtMs, handled }) => ({
        digest,
        content,
        submittedAtMs,
        handled
      })),
      seen: seen.map(({ digest }) => digest),
      peers: valid.has('p') ? (readJson(valid.get('p')!) as string[]) : [],
      damaged: Math.max(damaged.length, lost)
    }
  }

  async write(changes: readonly StorageChange[]): Promise<void> {
    if (changes.length === 0) return
    // Only the last change of each key is written.
    const records = new Map<string, Uint8Array | undefined>()
    for (const change of changes) this.#apply(change, records)
    await this.#put(records)
  }

  async #read(): Promise<{ valid: Map<string, Uint8Array>; damaged: string[] }> {
    const valid = new Map<string, Uint8Array>()
    const damaged: string[] = []
    const options = { keyEncoding: 'utf8', valueEncoding: 'view' } as const
    for await (const [key, record] of this.#level.iterator<string, Uint8Array>(options)) {
      const payload = opened(key, record)
      if (payload === undefined) damaged.push(key)
      else valid.set(key, payload)
    }
    return { valid, damaged }
  }

  #apply(change: StorageChange, records: Map<string, Uint8Array | undefined>): void {
    if (change.kind === 'peers') {
      records.set('p', jsonPayload(change.addresses))
      return
    }
    const digest = change.kind === 'keep' ? change.update.digest : change.digest
    const mark = (handled: boolean): void => {
      if (handled) this.#handled.add(digest)
      else if (!this.#handled.delete(digest)) return
      records.set(`h${digest}`, handled ? new Uint8Array(0) : undefined)
    }
    switch (change.kind) {
      case 'keep':
        this.#updates.add(digest)
        records.set(`u${digest}`, updatePayload(this.#seq++, change.update))
        mark(change.update.handled)
        break
      case 'handled':
        if (this.#updates.has(digest)) mark(true)
        break
      case 'drop':
        if (this.#updates.delete(digest)) records.set(`u${digest}`, undefined)
        mark(false)
        break
      case 'remember':
        this.#seen.add(digest)
        records.set(`m${digest}`, jsonPayload(this.#seq++))
        break
      case 'forget':
        if (this.#seen.delete(digest)) records.set(`m${digest}`, undefined)
    }
  }

  async #put(records: Map<string, Uint8Array | undefined>): Promise<void> {
    const sum: Checkpoint = { batch: this.#batch + 1, ...this.#fingerprints() }
    records.set('v', jsonPayload(VERSION))
    records.set('c', jsonPayload(sum))
    const operations = [...records].map(([key, payload]) =>
      payload === undefined
        ? { type: 'del' as const, key }
        : { type: 'put' as const, key, value: sealed(key, payload) }
    )
    // `sync` is an option of databases on disk; others ignore it.
    const options = { keyEncoding: 'utf8', valueEncoding: 'view', sync: true } as object
    await this.#level.batch(operations, options)
    this.#batch = sum.batch
  }

  #fingerprints(): Omit<Checkpoint, 'batch'> {
    return {
      updates: this.#updates.fingerprint,
      handled: this.#handled.fingerprint,
      seen: this.#seen.fingerprint
    }
  }

  /** Returns how many records, at least, are missing compared to the last batch. */
  #lost(valid: ReadonlyMap<string, Uint8Array>, witnessed: number): number {
    const record = valid.get('c')
    const expected = record === undefined ? undefined : (readJson(record) as Checkpoint)
    this.#batch = Math.max(expected?.batch ?? 0, witnessed)
    // Batches that were on disk and are now missing at the end.
    const batches = witnessed - (expected?.batch ?? 0)
    if (expected === undefined) return Math.max(batches, valid.size === 0 ? 0 : 1)
    const found = this.#fingerprints()
    const kinds = ['updates', 'handled', 'seen'] as const
    const records = kinds.map((kind) =>
      found[kind] === expected[kind]
        ? 0
        : Math.max(1, countOf(expected[kind]) - countOf(found[kind]))
    )
    return Math.max(
      batches,
      records.reduce((sum, count) => sum + count, 0)
    )
  }

  /**
   * Deletes damaged records, and writes a checkpoint of the valid ones, so that each damage is reported once. Leaves keys that
   * are not of storage as they are.
   */
  async #removeDamaged(size: number, damaged: readonly string[], lost: number): Promise<void> {
    const orphans = [...this.#handled].filter((digest) => !this.#updates.has(digest))
    if (size > 0 && damaged.length === 0 && lost === 0 && orphans.length === 0) return
    for (const digest of orphans) this.#handled.delete(digest)
    const gone = [
      ...damaged.filter((key) => KEY.test(key)),
      ...orphans.map((digest) => `h${digest}`)
    ]
    await this.#put(new Map(gone.map((key) => [key, undefined])))
  }
}

/** Throws STORAGE_FAILED for a database that was not written by storage, before anything in it is changed. */
function checkOrigin(valid: ReadonlyMap<string, Uint8Array>, damaged: readonly string[]): void {
  const version = valid.get('v')
  // A valid record was written by storage, because its checksum covers its key.
  const ours =
    version === undefined ? valid.size > 0 || damaged.length === 0 : readJson(version) === VERSION
  if (ours) return
  throw new GossipError(
    'STORAGE_FAILED',
    'the option location names a database of something else, or of another version: choose another location'
  )
}

function countOf(fingerprint: string): number {
  return Number(fingerprint.split(' ')[0])
}
