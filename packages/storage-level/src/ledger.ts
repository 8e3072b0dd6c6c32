/**
 * The records of storage in a level database: `v` the version, `u` updates, `h` handled marks, `m` seen
 * digests, `p` peers, and `c` what the last batch left: its number and a fingerprint of the names of each kind, which
 * shows records that the database lost without an error.
 */

import {
  GossipError,
  type StorageChange,
  type PersistedState,
  type PersistedUpdate,
  type Digest
} from '@rumormill/protocol'
import type { AbstractLevel } from 'abstract-level'
import { Names } from './names.ts'
import { jsonPayload, opened, readJson, readUpdate, sealed, updatePayload } from './record.ts'

/** A database of whatever keys and values: each call here names its own encodings. */
// oxlint-disable-next-line typescript/no-explicit-any -- its methods take what they give, so that `unknown` fits none.
export type Level = AbstractLevel<any, any, any>

const VERSION = 'rumormill storage 1'
const KEY = /^[uhm][0-9a-f]{64}$|^[vcp]$/

/** The record `c`. */
interface Sum {
  readonly batch: number
  readonly updates: string
  readonly handled: string
  readonly seen: string
}

/** After an error of `write` it is of no use: what is on disk is not known. */
export class Ledger {
  readonly #level: Level
  readonly #updates = new Names()
  readonly #handled = new Names()
  readonly #seen = new Names()
  #seq = 0
  #batch = 0

  constructor(level: Level) {
    this.#level = level
  }

  /** The number of the last batch. Every batch has a higher one. */
  get batch(): number {
    return this.#batch
  }

  /** `witnessed`: a batch of at least that number was written. */
  async load(witnessed: number): Promise<PersistedState> {
    const { whole, damaged } = await this.#read()
    checkOrigin(whole, damaged)
    const updates: (PersistedUpdate & { seq: number })[] = []
    const seen: { digest: Digest; seq: number }[] = []
    for (const [key, payload] of whole) {
      const digest = key.slice(1)
      if (key[0] === 'u') {
        const update = readUpdate(payload)
        if (update !== undefined)
          updates.push({ digest, ...update, handled: whole.has(`h${digest}`) })
      } else if (key[0] === 'm') seen.push({ digest, seq: Number(readJson(payload)) })
      else if (key[0] === 'h') this.#handled.add(digest)
    }
    updates.sort((a, b) => a.seq - b.seq)
    seen.sort((a, b) => a.seq - b.seq)
    for (const { digest } of updates) this.#updates.add(digest)
    for (const { digest } of seen) this.#seen.add(digest)
    this.#seq = Math.max(0, ...[updates.at(-1), seen.at(-1)].map((last) => (last?.seq ?? -1) + 1))
    const lost = this.#lost(whole, witnessed)
    await this.#mend(whole.size, damaged, lost)
    return {
      updates: updates.map(({ digest, content, submittedAtMs, handled }) => ({
        digest,
        content,
        submittedAtMs,
        handled
      })),
      seen: seen.map(({ digest }) => digest),
      peers: whole.has('p') ? (readJson(whole.get('p')!) as string[]) : [],
      damaged: Math.max(damaged.length, lost)
    }
  }

  async write(changes: readonly StorageChange[]): Promise<void> {
    if (changes.length === 0) return
    // Many changes of one key make one record: the last.
    const records = new Map<string, Uint8Array | undefined>()
    for (const change of changes) this.#apply(change, records)
    await this.#put(records)
  }

  async #read(): Promise<{ whole: Map<string, Uint8Array>; damaged: string[] }> {
    const whole = new Map<string, Uint8Array>()
    const damaged: string[] = []
    const options = { keyEncoding: 'utf8', valueEncoding: 'view' } as const
    for await (const [key, record] of this.#level.iterator<string, Uint8Array>(options)) {
      const payload = opened(key, record)
      if (payload === undefined) damaged.push(key)
      else whole.set(key, payload)
    }
    return { whole, damaged }
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
    const sum: Sum = { batch: this.#batch + 1, ...this.#fingerprints() }
    records.set('v', jsonPayload(VERSION))
    records.set('c', jsonPayload(sum))
    const operations = [...records].map(([key, payload]) =>
      payload === undefined
        ? { type: 'del' as const, key }
        : { type: 'put' as const, key, value: sealed(key, payload) }
    )
    // `sync` is an option of the databases that have a disk; others pass it over.
    const options = { keyEncoding: 'utf8', valueEncoding: 'view', sync: true } as object
    await this.#level.batch(operations, options)
    this.#batch = sum.batch
  }

  #fingerprints(): Omit<Sum, 'batch'> {
    return {
      updates: this.#updates.fingerprint,
      handled: this.#handled.fingerprint,
      seen: this.#seen.fingerprint
    }
  }

  /** How many records, at least, are not what the last batch has left. */
  #lost(whole: ReadonlyMap<string, Uint8Array>, witnessed: number): number {
    const record = whole.get('c')
    const want = record === undefined ? undefined : (readJson(record) as Sum)
    this.#batch = Math.max(want?.batch ?? 0, witnessed)
    // Batches that were on disk, and at the end of what is there now are not.
    const batches = witnessed - (want?.batch ?? 0)
    if (want === undefined) return Math.max(batches, whole.size === 0 ? 0 : 1)
    const have = this.#fingerprints()
    const kinds = ['updates', 'handled', 'seen'] as const
    const records = kinds.map((kind) =>
      have[kind] === want[kind] ? 0 : Math.max(1, countOf(want[kind]) - countOf(have[kind]))
    )
    return Math.max(
      batches,
      records.reduce((sum, count) => sum + count, 0)
    )
  }

  /** What is damaged is told once: it goes, and the sum is that of what is whole. A strange key is left alone. */
  async #mend(size: number, damaged: readonly string[], lost: number): Promise<void> {
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

/** Nothing is written to, or deleted from, a database of something else. */
function checkOrigin(whole: ReadonlyMap<string, Uint8Array>, damaged: readonly string[]): void {
  const version = whole.get('v')
  // A record that is whole was written by storage: its checksum covers its key.
  const ours =
    version === undefined ? whole.size > 0 || damaged.length === 0 : readJson(version) === VERSION
  if (ours) return
  throw new GossipError(
    'STORAGE_FAILED',
    'the option location names a database of something else, or of another version: choose another'
  )
}

function countOf(fingerprint: string): number {
  return Number(fingerprint.split(' ')[0])
}
