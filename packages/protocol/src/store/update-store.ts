/**
 * Stores the updates of a node: active ones, expired ones in their grace period, and the digests of all that have expired.
 *
 * During the grace period, a peer to which an expired update was offered just before can still fetch it. Without that, an
 * update that expires by `pushCount` would be gone before the first peer has requested it.
 */

import type { KeyedUpdate, UpdateStatus } from '../model/update.ts'
import { countDigests, digestKey, type DigestKey, type DigestBlock } from '../model/update.ts'
import { AgeQueue } from './age-queue.ts'
import type { Expiration, MostRecent } from './config.ts'
import type { UpdateGauges } from './gauges.ts'
import type { Journal, JournalEntry } from './journal.ts'

/** A stored update with its counters. */
export interface StoredUpdate extends KeyedUpdate {
  /** The length of the content when it was accepted: the byte count stays correct if a codec resizes its buffer. */
  readonly bytes: number
  /** When it was submitted, on the clock of this node: the time of arrival minus the age that came with it. */
  readonly submittedAtMs: number
  /** A number that grows in order of acceptance. */
  readonly serial: number
  /** How often its digest was sent. */
  pushes: number
  /** The number of the last request that named it; see `Fetcher`. */
  namedIn: number
}

interface InGrace {
  readonly stored: StoredUpdate
  readonly untilMs: number
}

/** Callbacks of the store, called during each change. */
export interface StoreWatcher {
  accepted?(stored: StoredUpdate): void
  /** The update is no longer active; peers may still fetch it. */
  expired(stored: StoredUpdate): void
  /** The grace period has ended: peers can no longer fetch the update. */
  gone?(stored: StoredUpdate): void
}

export interface UpdateStoreLimits {
  readonly maxUpdates: number
  readonly maxBytes: number
  readonly maxSeenDigests: number
  readonly graceMs: number
}

type StoreGauges = Pick<
  UpdateGauges,
  'activeUpdates' | 'activeBytes' | 'graceUpdates' | 'seenDigests'
>

export class UpdateStore {
  readonly #watchers: StoreWatcher[] = []
  readonly #expiration: Expiration
  readonly #limits: UpdateStoreLimits
  /** In order of acceptance. */
  readonly #active = new Map<DigestKey, StoredUpdate>()
  /** Active updates, oldest first. Undefined where expiration does not depend on age. */
  readonly #byAge: AgeQueue<StoredUpdate> | undefined
  #activeBytes = 0
  #serial = 0
  /** In order of expiry. */
  readonly #inGrace = new Map<DigestKey, InGrace>()
  #graceBytes = 0
  /** In order of expiry. */
  readonly #seen = new Set<DigestKey>()
  /** The journal to which changes are appended. Undefined without storage. */
  readonly #entries: JournalEntry[] | undefined

  constructor(expiration: Expiration, limits: UpdateStoreLimits, journal?: Journal) {
    this.#expiration = expiration
    this.#limits = limits
    this.#entries = journal?.entries
    const isByAge = expiration.mode === 'duration' || expiration.mode === 'mostRecent'
    if (isByAge)
      this.#byAge = new AgeQueue<StoredUpdate>((stored) => this.#active.get(stored.key) === stored)
    if (journal !== undefined) this.#restore(journal)
  }

  /** Calls `watcher` during each change from now on. */
  watch(watcher: StoreWatcher): void {
    this.#watchers.push(watcher)
  }

  get activeUpdates(): number {
    return this.#active.size
  }

  get activeBytes(): number {
    return this.#activeBytes
  }

  gauges(): StoreGauges {
    return {
      activeUpdates: this.#active.size,
      activeBytes: this.#activeBytes,
      graceUpdates: this.#inGrace.size,
      seenDigests: this.#seen.size
    }
  }

  /** Returns the active updates in order of acceptance. */
  active(): IterableIterator<StoredUpdate> {
    return this.#active.values()
  }

  /** Returns the updates in their grace period, in order of expiry. */
  *inGrace(): IterableIterator<StoredUpdate> {
    for (const { stored } of this.#inGrace.values()) yield stored
  }

  get(key: DigestKey): StoredUpdate | undefined {
    return this.#active.get(key)
  }

  /** Returns an update that a peer may still fetch: active or in its grace period. */
  servable(key: DigestKey): StoredUpdate | undefined {
    return this.#active.get(key) ?? this.#inGrace.get(key)?.stored
  }

  status(key: DigestKey): UpdateStatus {
    return this.#active.has(key) ? 'active' : this.#seen.has(key) ? 'expired' : 'unknown'
  }

  /** Returns how many of `digests` are neither active nor expired here. */
  countUnknown(digests: DigestBlock): number {
    let unknown = 0
    for (let index = 0; index < countDigests(digests); index++)
      if (this.status(digestKey(digests, index)) === 'unknown') unknown++
    return unknown
  }

  /** Returns whether `updates` more, of `bytes` in all, may be accepted: they fit, or the oldest updates may be evicted. */
  hasCapacity(updates: number, bytes: number, nowMs: number): boolean {
    if (this.#fits(updates, bytes)) return true
    // The evicted update may be smaller than the new one, so the byte limit may be exceeded once, until it is met again.
    const { maxBytes } = this.#limits
    return this.#activeBytes <= maxBytes && bytes <= maxBytes && this.#mayEvict(nowMs)
  }

  /** Returns the milliseconds until the oldest update may be evicted; 0 when it may be now, Infinity when none ever expires. */
  capacityInMs(nowMs: number): number {
    const oldest = this.#byAge?.oldest()
    if (oldest === undefined) return this.#expiration.mode === 'pushCount' ? 0 : Infinity
    const endMs = this.#expiration.mode === 'duration' ? this.#expiration.ms : this.#minAgeMs
    return Math.max(0, oldest.submittedAtMs + endMs - nowMs)
  }

  /** Returns whether an update submitted at `submittedAtMs` would expire as soon as it was accepted. */
  isTooOld(submittedAtMs: number, bytes: number, nowMs: number): boolean {
    if (this.#expiration.mode === 'duration') return nowMs - submittedAtMs >= this.#expiration.ms
    if (this.#expiration.mode !== 'mostRecent' || this.#fits(1, bytes)) return false
    const oldest = this.#byAge!.oldest()
    return oldest !== undefined && submittedAtMs < oldest.submittedAtMs
  }

  /** Adds a content. The caller has checked that it is unknown, not too old, and fits. Keeps a reference to `content`. */
  add(
    content: Uint8Array,
    key: DigestKey,
    nowMs: number,
    submittedAtMs: number = nowMs
  ): StoredUpdate {
    return this.#add({ content, key, submittedAtMs }, nowMs, false)
  }

  /** Adds a content that the application of this node submits now, as {@link add} does. */
  addOwn(content: Uint8Array, key: DigestKey, nowMs: number): StoredUpdate {
    return this.#add({ content, key, submittedAtMs: nowMs }, nowMs, true)
  }

  #add(
    { content, key, submittedAtMs }: Pick<StoredUpdate, 'content' | 'key' | 'submittedAtMs'>,
    nowMs: number,
    isOwn: boolean
  ): StoredUpdate {
    const stored = {
      content,
      key,
      bytes: content.length,
      submittedAtMs,
      serial: this.#serial++,
      pushes: 0,
      namedIn: 0
    }
    this.#activate(stored)
    for (const watcher of this.#watchers) watcher.accepted?.(stored)
    this.#entries?.push({ kind: 'accepted', update: stored, submittedAtMs, isOwn })
    if (this.#expiration.mode === 'mostRecent') this.#keepMostRecent(this.#expiration, nowMs)
    this.#trimGrace(nowMs)
    return stored
  }

  /** Marks a digest as expired, so that the update is never fetched again. */
  refuse(key: DigestKey): void {
    this.#remember(key)
  }

  /** Counts that these digests were sent once more, and expires updates that reach the `pushCount`. */
  pushed(digests: DigestBlock, nowMs: number): void {
    if (this.#expiration.mode !== 'pushCount') return
    const most = this.#expiration.count
    for (let index = 0; index < countDigests(digests); index++) {
      const stored = this.#active.get(digestKey(digests, index))
      if (stored !== undefined && ++stored.pushes >= most) this.#expire(stored, nowMs)
    }
  }

  /** Expires updates by age, and ends grace periods. Call it before any other method at `nowMs`. */
  advance(nowMs: number): void {
    if (this.#expiration.mode === 'duration') {
      const { ms } = this.#expiration
      for (
        let oldest = this.#byAge!.oldest();
        oldest !== undefined && nowMs - oldest.submittedAtMs >= ms;
        oldest = this.#byAge!.oldest()
      )
        this.#expire(oldest, oldest.submittedAtMs + ms)
    }
    if (this.#expiration.mode === 'mostRecent') this.#keepMostRecent(this.#expiration, nowMs)
    this.#trimGrace(nowMs)
  }

  get #minAgeMs(): number {
    return this.#expiration.mode === 'mostRecent' ? (this.#expiration.minAgeMs ?? 0) : Infinity
  }

  #fits(updates: number, bytes: number): boolean {
    const { maxUpdates, maxBytes } = this.#limits
    if (this.#activeBytes + bytes > maxBytes) return false
    const most =
      this.#expiration.mode === 'mostRecent'
        ? Math.floor(this.#expiration.count * (1 + this.#expiration.margin))
        : maxUpdates
    return this.#active.size + updates <= most
  }

  #mayEvict(nowMs: number): boolean {
    return this.#expiration.mode === 'mostRecent' && this.capacityInMs(nowMs) === 0
  }

  /** Expires the oldest updates while there are too many, or too many bytes; stops at one that is younger than `minAgeMs`. */
  #keepMostRecent({ count, margin }: MostRecent, nowMs: number): void {
    const isOver = this.#active.size > count * (1 + margin)
    const most = isOver ? count : Infinity
    while (this.#active.size > most || this.#activeBytes > this.#limits.maxBytes) {
      if (this.capacityInMs(nowMs) > 0) return
      this.#expire(this.#byAge!.oldest()!, nowMs)
    }
  }

  #activate(stored: StoredUpdate): void {
    this.#active.set(stored.key, stored)
    this.#activeBytes += stored.bytes
    this.#byAge?.add(stored)
  }

  #expire(stored: StoredUpdate, atMs: number): void {
    this.#active.delete(stored.key)
    this.#activeBytes -= stored.bytes
    this.#byAge?.removed()
    for (const watcher of this.#watchers) watcher.expired(stored)
    this.#entries?.push({ kind: 'ended', key: stored.key })
    this.#remember(stored.key)
    this.#inGrace.set(stored.key, { stored, untilMs: atMs + this.#limits.graceMs })
    this.#graceBytes += stored.bytes
  }

  #remember(key: DigestKey): void {
    this.#seen.add(key)
    this.#entries?.push({ kind: 'seen', key })
    this.#trimSeen()
  }

  #trimSeen(): void {
    for (const key of this.#seen) {
      if (this.#seen.size <= this.#limits.maxSeenDigests) return
      this.#seen.delete(key)
      this.#entries?.push({ kind: 'forgotten', key })
    }
  }

  /** Restores all updates of the journal, even beyond the current limits: these only apply to new updates. */
  #restore({ updates, seen }: Journal): void {
    for (const { key, content, submittedAtMs } of updates) {
      const counted = { bytes: content.length, serial: this.#serial++, pushes: 0, namedIn: 0 }
      this.#activate({ content, key, submittedAtMs, ...counted })
    }
    for (const each of seen) this.#seen.add(each)
    this.#trimSeen()
  }

  /** Ends grace periods that are over, and others early: active updates and those in grace share the limits. */
  #trimGrace(nowMs: number): void {
    for (const [key, { stored, untilMs }] of this.#inGrace) {
      const fits =
        this.#active.size + this.#inGrace.size <= this.#limits.maxUpdates &&
        this.#activeBytes + this.#graceBytes <= this.#limits.maxBytes
      if (fits && nowMs < untilMs) break
      this.#inGrace.delete(key)
      for (const watcher of this.#watchers) watcher.gone?.(stored)
      this.#graceBytes -= stored.bytes
    }
  }
}
