/**
 * The records of an archive in a level database: `v` the version, `u` updates, `h` handled marks, `m` remembered
 * digests, `p` peers, and `c` how many there are of each, which shows records that the database lost without an error.
 */
import { GossipError, type ArchiveChange, type ArchivedState, type ArchivedUpdate, type Digest } from '@rumormill/protocol'
import type { AbstractLevel } from 'abstract-level'
import { jsonPayload, opened, readJson, readUpdate, sealed, updatePayload } from './record.ts'

/** A database of whatever keys and values: each call here names its own encodings. */
// oxlint-disable-next-line typescript/no-explicit-any -- its methods take what they give, so that `unknown` fits none.
export type Level = AbstractLevel<any, any, any>

const VERSION = 'rumormill archive 1'

/** What is on disk by name. */
interface Names {
  readonly updates: Set<Digest>
  readonly handled: Set<Digest>
  readonly remembered: Set<Digest>
}

interface Counts {
  readonly updates: number
  readonly handled: number
  readonly remembered: number
}

export class Ledger {
  readonly #level: Level
  #names: Names = { updates: new Set(), handled: new Set(), remembered: new Set() }
  #seq = 0

  constructor(level: Level) {
    this.#level = level
  }

  async load(): Promise<ArchivedState> {
    const found = new Map<string, Uint8Array>()
    const damaged: string[] = []
    const options = { keyEncoding: 'utf8', valueEncoding: 'view' } as const
    for await (const [key, record] of this.#level.iterator<string, Uint8Array>(options)) {
      const payload = opened(key, record)
      if (payload === undefined) damaged.push(key)
      else found.set(key, payload)
    }
    this.#checkVersion(found, damaged)
    const updates: (ArchivedUpdate & { seq: number })[] = []
    const remembered: { digest: Digest, seq: number }[] = []
    for (const [key, payload] of found) {
      const digest = key.slice(1)
      if (key[0] === 'u') {
        const update = readUpdate(payload)
        if (update !== undefined) updates.push({ digest, ...update, handled: found.has(`h${digest}`) })
      } else if (key[0] === 'm') remembered.push({ digest, seq: Number(readJson(payload)) })
      else if (key[0] === 'h') this.#names.handled.add(digest)
    }
    updates.sort((a, b) => a.seq - b.seq)
    remembered.sort((a, b) => a.seq - b.seq)
    for (const { digest } of updates) this.#names.updates.add(digest)
    for (const { digest } of remembered) this.#names.remembered.add(digest)
    this.#seq = Math.max(0, ...[updates.at(-1), remembered.at(-1)].map((last) => (last?.seq ?? -1) + 1))
    const lost = this.#lost(found)
    await this.#mend(found, damaged, lost)
    return {
      updates: updates.map(({ digest, content, acceptedAtMs, handled }) => ({ digest, content, acceptedAtMs, handled })),
      remembered: remembered.map(({ digest }) => digest),
      peers: found.has('p') ? readJson(found.get('p')!) as string[] : [],
      damaged: Math.max(damaged.length, lost)
    }
  }

  async write(changes: readonly ArchiveChange[]): Promise<void> {
    if (changes.length === 0) return
    const names: Names = {
      updates: new Set(this.#names.updates), handled: new Set(this.#names.handled), remembered: new Set(this.#names.remembered)
    }
    // Many changes of one key make one record: the last.
    const records = new Map<string, Uint8Array | undefined>()
    for (const change of changes) this.#apply(change, names, records)
    await this.#put(records, names)
    // Only now: a batch that failed is tried again, and must be counted from where it started.
    this.#names = names
  }

  #apply(change: ArchiveChange, names: Names, records: Map<string, Uint8Array | undefined>): void {
    if (change.kind === 'peers') {
      records.set('p', jsonPayload(change.addresses))
      return
    }
    const digest = change.kind === 'keep' ? change.update.digest : change.digest
    const mark = (handled: boolean): void => {
      if (handled) names.handled.add(digest)
      else if (!names.handled.delete(digest)) return
      records.set(`h${digest}`, handled ? new Uint8Array(0) : undefined)
    }
    switch (change.kind) {
      case 'keep':
        names.updates.add(digest)
        records.set(`u${digest}`, updatePayload(this.#seq++, change.update))
        mark(change.update.handled)
        break
      case 'handled':
        if (names.updates.has(digest)) mark(true)
        break
      case 'drop':
        if (names.updates.delete(digest)) records.set(`u${digest}`, undefined)
        mark(false)
        break
      case 'remember':
        names.remembered.add(digest)
        records.set(`m${digest}`, jsonPayload(this.#seq++))
        break
      case 'forget':
        if (names.remembered.delete(digest)) records.set(`m${digest}`, undefined)
    }
  }

  async #put(records: Map<string, Uint8Array | undefined>, names: Names): Promise<void> {
    records.set('v', jsonPayload(VERSION))
    records.set('c', jsonPayload(counts(names)))
    const operations = [...records].map(([key, payload]) => payload === undefined
      ? { type: 'del' as const, key }
      : { type: 'put' as const, key, value: sealed(key, payload) })
    // `sync` is an option of the databases that have a disk; others pass it over.
    const options = { keyEncoding: 'utf8', valueEncoding: 'view', sync: true } as object
    await this.#level.batch(operations, options)
  }

  #checkVersion(found: Map<string, Uint8Array>, damaged: readonly string[]): void {
    const version = found.get('v')
    if (version !== undefined && readJson(version) === VERSION) return
    if (version === undefined && (damaged.includes('v') || [...found.keys()].every((key) => /^[uhm][0-9a-f]{64}$|^[cp]$/.test(key)))) return
    throw new GossipError('ARCHIVE_FAILED', 'the database holds something else than an archive of this version')
  }

  /** How many records fewer, or more, there are than the last batch has counted. */
  #lost(found: Map<string, Uint8Array>): number {
    const record = found.get('c')
    if (record === undefined) return found.size === 0 ? 0 : 1
    const [want, have] = [readJson(record) as Counts, counts(this.#names)]
    const off = (kind: keyof Counts): number => Math.abs(want[kind] - have[kind])
    return off('updates') + off('handled') + off('remembered')
  }

  /** What is damaged is told once: it goes, and the counts are those of what is whole. */
  async #mend(found: Map<string, Uint8Array>, damaged: readonly string[], lost: number): Promise<void> {
    const orphans = [...this.#names.handled].filter((digest) => !this.#names.updates.has(digest))
    if (damaged.length === 0 && lost === 0 && orphans.length === 0) {
      if (found.size === 0) await this.#put(new Map(), this.#names)
      return
    }
    for (const digest of orphans) this.#names.handled.delete(digest)
    await this.#put(new Map([...damaged, ...orphans.map((digest) => `h${digest}`)].map((key) => [key, undefined])), this.#names)
  }
}

function counts({ updates, handled, remembered }: Names): Counts {
  return { updates: updates.size, handled: handled.size, remembered: remembered.size }
}
