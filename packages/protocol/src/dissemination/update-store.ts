/**
 * The updates of a node: active ones, expired ones that are still handed over, and the digests of those that are gone.
 *
 * An expired update lingers for a moment: a peer to whom it was offered just before can still fetch it. Without that, an
 * update that expires by being pushed would be gone before the first peer has asked for it.
 */

import type { Journal, JournalEntry } from '../journal.ts'
import type { Update, UpdateStatus } from '../update.ts'
import {
  countDigests,
  digestFromHex,
  digestKey,
  digestOfKey,
  type DigestKey,
  type DigestBlock
} from '../update.ts'
import { AgeQueue } from './age-queue.ts'
import type { Expiration, MostRecent } from './config.ts'
import type { DisseminationGauges } from './gauges.ts'

/** An update and what is counted about it. */
export interface StoredUpdate extends Update {
  readonly key: DigestKey
  /** The length of the content when it was accepted: what becomes of shared memory must not upset the count. */
  readonly bytes: number
  /** By its age when it came; a receiver counts on from there. */
  readonly submittedAtMs: number
  /** Counts the updates of this store, in order of acceptance. */
  readonly serial: number
  /** How often its digest was handed to the network. */
  pushes: number
  /** The number of the last request that named it; see `Disseminator`. */
  namedIn: number
}

interface InGrace {
  readonly stored: StoredUpdate
  readonly untilMs: number
}

/** Told of what becomes of updates, as it happens. */
export interface StoreWatcher {
  accepted(stored: StoredUpdate): void
  /** No longer active; still handed over. */
  expired(stored: StoredUpdate): void
  /** No longer handed over. */
  gone(stored: StoredUpdate): void
}

export interface UpdateStoreLimits {
  readonly maxUpdates: number
  readonly maxBytes: number
  readonly maxSeen: number
  readonly graceMs: number
}

type StoreGauges = Pick<
  DisseminationGauges,
  'activeUpdates' | 'activeBytes' | 'graceUpdates' | 'seenDigests'
>

export class UpdateStore {
  watcher: StoreWatcher | undefined
  readonly #expiration: Expiration
  readonly #limits: UpdateStoreLimits
  /** In order of acceptance. */
  readonly #active = new Map<DigestKey, StoredUpdate>()
  /** Active ones, the oldest first, where age decides when they expire. */
  readonly #byAge: AgeQueue<StoredUpdate> | undefined
  #activeBytes = 0
  #serial = 0
  /** In order of expiry. */
  readonly #inGrace = new Map<DigestKey, InGrace>()
  #graceBytes = 0
  /** In order of expiry. */
  readonly #seen = new Set<DigestKey>()
  /** Told of every change, when somebody keeps them. */
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

  get activeUpdates(): number {
    return this.#active.size
  }

  get activeBytes(): number {
    return this.#activeBytes
  }

  get graceUpdates(): number {
    return this.#inGrace.size
  }

  get seenDigests(): number {
    return this.#seen.size
  }

  gauges(): StoreGauges {
    const { activeUpdates, activeBytes, graceUpdates, seenDigests } = this
    return { activeUpdates, activeBytes, graceUpdates, seenDigests }
  }

  /** Active updates in order of acceptance. */
  active(): IterableIterator<StoredUpdate> {
    return this.#active.values()
  }

  /** Expired updates that are still handed over, in order of expiry. */
  *inGrace(): IterableIterator<StoredUpdate> {
    for (const { stored } of this.#inGrace.values()) yield stored
  }

  get(key: DigestKey): StoredUpdate | undefined {
    return this.#active.get(key)
  }

  /** An update that a peer may still fetch. */
  servable(key: DigestKey): StoredUpdate | undefined {
    return this.#active.get(key) ?? this.#inGrace.get(key)?.stored
  }

  status(key: DigestKey): UpdateStatus {
    return this.#active.has(key) ? 'active' : this.#seen.has(key) ? 'expired' : 'unknown'
  }

  /** How many of `digests` are of updates that are unknown here. */
  unknown(digests: DigestBlock): number {
    let unknown = 0
    for (let index = 0; index < countDigests(digests); index++)
      if (this.status(digestKey(digests, index)) === 'unknown') unknown++
    return unknown
  }

  /** Whether `updates` more, of `bytes` in all, may be accepted: there is room, or the oldest make some. */
  hasRoom(updates: number, bytes: number, nowMs: number): boolean {
    if (this.#fits(updates, bytes)) return true
    // The oldest may be smaller than what comes: the bytes may be exceeded once, and not again before they are back in bounds.
    const { maxBytes } = this.#limits
    return this.#activeBytes <= maxBytes && bytes <= maxBytes && this.#mayMakeRoom(nowMs)
  }

  /** Milliseconds until the oldest may make room; 0 when it may now, Infinity when nothing ever does. */
  roomInMs(nowMs: number): number {
    const oldest = this.#byAge?.oldest()
    if (oldest === undefined) return this.#expiration.mode === 'pushCount' ? 0 : Infinity
    const endMs = this.#expiration.mode === 'duration' ? this.#expiration.ms : this.#minAgeMs
    return Math.max(0, oldest.submittedAtMs + endMs - nowMs)
  }

  /** Whether an update of that time would expire as soon as it was accepted. */
  isTooOld(submittedAtMs: number, bytes: number, nowMs: number): boolean {
    if (this.#expiration.mode === 'duration') return nowMs - submittedAtMs >= this.#expiration.ms
    if (this.#expiration.mode !== 'mostRecent' || this.#fits(1, bytes)) return false
    const oldest = this.#byAge!.oldest()
    return oldest !== undefined && submittedAtMs < oldest.submittedAtMs
  }

  /** Accepts a content that is neither active nor remembered, nor too old, and for which there is room. Keeps `content`. */
  add(
    content: Uint8Array,
    key: DigestKey,
    nowMs: number,
    submittedAtMs: number = nowMs
  ): StoredUpdate {
    const stored = {
      digest: digestOfKey(key),
      content,
      key,
      bytes: content.length,
      submittedAtMs,
      serial: this.#serial++,
      pushes: 0,
      namedIn: 0
    }
    this.#activate(stored)
    this.watcher?.accepted(stored)
    this.#entries?.push({ kind: 'accepted', update: stored, submittedAtMs })
    if (this.#expiration.mode === 'mostRecent') this.#keepMostRecent(this.#expiration, nowMs)
    this.#trimGrace(nowMs)
    return stored
  }

  /** Remembers a digest as that of an expired update, though it never was one: it is not to be fetched again. */
  refuse(key: DigestKey): void {
    this.#remember(key)
  }

  /** These digests were handed to the network once more. */
  pushed(digests: DigestBlock, nowMs: number): void {
    const most = this.#expiration.mode === 'pushCount' ? this.#expiration.count : Infinity
    for (let index = 0; index < countDigests(digests); index++) {
      const stored = this.#active.get(digestKey(digests, index))
      if (stored !== undefined && ++stored.pushes >= most) this.#expire(stored, nowMs)
    }
  }

  /** Expires what time has expired. Every question about `nowMs` comes after this. */
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

  #mayMakeRoom(nowMs: number): boolean {
    return this.#expiration.mode === 'mostRecent' && this.roomInMs(nowMs) === 0
  }

  /** When there are too many, or too many bytes of them, the oldest go; those that are too young may stay for a while. */
  #keepMostRecent({ count, margin }: MostRecent, nowMs: number): void {
    const isOver = this.#active.size > count * (1 + margin)
    const most = isOver ? count : Infinity
    while (this.#active.size > most || this.#activeBytes > this.#limits.maxBytes) {
      if (this.roomInMs(nowMs) > 0) return
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
    this.watcher?.expired(stored)
    this.#entries?.push({ kind: 'ended', digest: stored.digest })
    this.#remember(stored.key)
    this.#inGrace.set(stored.key, { stored, untilMs: atMs + this.#limits.graceMs })
    this.#graceBytes += stored.bytes
  }

  #remember(key: DigestKey): void {
    this.#seen.add(key)
    this.#entries?.push({ kind: 'seen', digest: digestOfKey(key) })
    this.#trimSeen()
  }

  #trimSeen(): void {
    for (const key of this.#seen) {
      if (this.#seen.size <= this.#limits.maxSeen) return
      this.#seen.delete(key)
      this.#entries?.push({ kind: 'forgotten', digest: digestOfKey(key) })
    }
  }

  /** What was accepted once stays so, whatever the limits are now: they only keep new updates out. */
  #restore({ updates, seen }: Journal): void {
    for (const { digest, content, submittedAtMs } of updates) {
      const key = digestKey(digestFromHex(digest)!, 0)
      const counted = { bytes: content.length, serial: this.#serial++, pushes: 0, namedIn: 0 }
      this.#activate({ digest, content, key, submittedAtMs, ...counted })
    }
    for (const digest of seen) this.#seen.add(digestKey(digestFromHex(digest)!, 0))
    this.#trimSeen()
  }

  /** Active updates and those in their grace period share the limits; active ones come first. */
  #trimGrace(nowMs: number): void {
    for (const [key, { stored, untilMs }] of this.#inGrace) {
      const fits =
        this.#active.size + this.#inGrace.size <= this.#limits.maxUpdates &&
        this.#activeBytes + this.#graceBytes <= this.#limits.maxBytes
      if (fits && nowMs < untilMs) break
      this.#inGrace.delete(key)
      this.watcher?.gone(stored)
      this.#graceBytes -= stored.bytes
    }
  }
}
