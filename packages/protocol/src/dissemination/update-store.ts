/**
 * The updates of a node: active ones, expired ones that are still handed over, and the digests of those that are gone.
 *
 * An expired update lingers for a moment: a peer to whom it was offered just before can still fetch it. Without that, an
 * update that expires by being pushed would be gone before the first peer has asked for it.
 */
import type { Journal, JournalEntry } from '../journal.ts'
import type { Update, UpdateStatus } from '../update.ts'
import { digestFromHex, digestKey, digestOfKey, type DigestKey } from '../update.ts'
import type { Expiration } from './config.ts'

/** An update and what is counted about it. */
export interface StoredUpdate extends Update {
  readonly key: DigestKey
  readonly acceptedAtMs: number
  /** How often its digest was handed to the network. */
  pushes: number
  /** The number of the last request that named it; see `Disseminator`. */
  namedIn: number
}

interface Lingering {
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
  readonly maxRemembered: number
  readonly lingerMs: number
}

export class UpdateStore {
  watcher: StoreWatcher | undefined
  readonly #expiration: Expiration
  readonly #limits: UpdateStoreLimits
  /** In order of acceptance. */
  readonly #active = new Map<DigestKey, StoredUpdate>()
  #activeBytes = 0
  /** In order of expiry. */
  readonly #lingering = new Map<DigestKey, Lingering>()
  #lingeringBytes = 0
  /** In order of expiry. */
  readonly #remembered = new Set<DigestKey>()
  /** Told of every change, when somebody keeps them. */
  readonly #entries: JournalEntry[] | undefined

  constructor(expiration: Expiration, limits: UpdateStoreLimits, journal?: Journal) {
    this.#expiration = expiration
    this.#limits = limits
    this.#entries = journal?.entries
    if (journal !== undefined) this.#restore(journal)
  }

  get activeUpdates(): number {
    return this.#active.size
  }

  get activeBytes(): number {
    return this.#activeBytes
  }

  get lingeringUpdates(): number {
    return this.#lingering.size
  }

  get rememberedDigests(): number {
    return this.#remembered.size
  }

  /** Active updates in order of acceptance. */
  active(): IterableIterator<StoredUpdate> {
    return this.#active.values()
  }

  /** Expired updates that are still handed over, in order of expiry. */
  *lingering(): IterableIterator<StoredUpdate> {
    for (const { stored } of this.#lingering.values()) yield stored
  }

  get(key: DigestKey): StoredUpdate | undefined {
    return this.#active.get(key)
  }

  /** An update that a peer may still fetch. */
  servable(key: DigestKey): StoredUpdate | undefined {
    return this.#active.get(key) ?? this.#lingering.get(key)?.stored
  }

  status(key: DigestKey): UpdateStatus {
    return this.#active.has(key) ? 'active' : this.#remembered.has(key) ? 'expired' : 'unknown'
  }

  /** Whether `updates` more, of `bytes` in all, may be accepted. */
  hasRoom(updates: number, bytes: number): boolean {
    if (this.#activeBytes + bytes > this.#limits.maxBytes) return false
    return (
      this.#expiration.mode === 'mostRecent' ||
      this.#active.size + updates <= this.#limits.maxUpdates
    )
  }

  /** Accepts a content that is neither active nor remembered, and for which there is room. Keeps `content`. */
  add(content: Uint8Array, key: DigestKey, nowMs: number): StoredUpdate {
    const stored = {
      digest: digestOfKey(key),
      content,
      key,
      acceptedAtMs: nowMs,
      pushes: 0,
      namedIn: 0
    }
    this.#active.set(key, stored)
    this.#activeBytes += content.length
    this.watcher?.accepted(stored)
    this.#entries?.push({ kind: 'accepted', update: stored })
    if (this.#expiration.mode === 'mostRecent')
      this.#keepMostRecent(this.#expiration.count, this.#expiration.margin, nowMs)
    this.#trimLingering(nowMs)
    return stored
  }

  /** Remembers a digest as that of an expired update, though it never was one: it is not to be fetched again. */
  refuse(key: DigestKey): void {
    this.#remember(key)
  }

  /** The digest of an active update was handed to the network once more. */
  pushed(stored: StoredUpdate, nowMs: number): void {
    stored.pushes++
    if (this.#expiration.mode === 'pushCount' && stored.pushes >= this.#expiration.count)
      this.#expire(stored, nowMs)
  }

  /** Expires what time has expired. Every question about `nowMs` comes after this. */
  advance(nowMs: number): void {
    if (this.#expiration.mode === 'duration') {
      for (const stored of this.#active.values()) {
        if (nowMs - stored.acceptedAtMs < this.#expiration.ms) break
        this.#expire(stored, stored.acceptedAtMs + this.#expiration.ms)
      }
    }
    this.#trimLingering(nowMs)
  }

  #keepMostRecent(count: number, margin: number, nowMs: number): void {
    if (this.#active.size <= count * (1 + margin)) return
    for (const stored of this.#active.values()) {
      if (this.#active.size <= count) break
      this.#expire(stored, nowMs)
    }
  }

  #expire(stored: StoredUpdate, atMs: number): void {
    this.#active.delete(stored.key)
    this.#activeBytes -= stored.content.length
    this.watcher?.expired(stored)
    this.#entries?.push({ kind: 'ended', digest: stored.digest })
    this.#remember(stored.key)
    this.#lingering.set(stored.key, { stored, untilMs: atMs + this.#limits.lingerMs })
    this.#lingeringBytes += stored.content.length
  }

  #remember(key: DigestKey): void {
    this.#remembered.add(key)
    this.#entries?.push({ kind: 'remembered', digest: digestOfKey(key) })
    this.#trimRemembered()
  }

  #trimRemembered(): void {
    for (const key of this.#remembered) {
      if (this.#remembered.size <= this.#limits.maxRemembered) return
      this.#remembered.delete(key)
      this.#entries?.push({ kind: 'forgotten', digest: digestOfKey(key) })
    }
  }

  /** What was accepted once stays so, whatever the limits are now: they only keep new updates out. */
  #restore({ updates, remembered }: Journal): void {
    for (const { digest, content, acceptedAtMs } of updates) {
      const key = digestKey(digestFromHex(digest)!, 0)
      this.#active.set(key, { digest, content, key, acceptedAtMs, pushes: 0, namedIn: 0 })
      this.#activeBytes += content.length
    }
    for (const digest of remembered) this.#remembered.add(digestKey(digestFromHex(digest)!, 0))
    this.#trimRemembered()
  }

  /** Active and lingering updates share the limits; active ones come first. */
  #trimLingering(nowMs: number): void {
    for (const [key, { stored, untilMs }] of this.#lingering) {
      const fits =
        this.#active.size + this.#lingering.size <= this.#limits.maxUpdates &&
        this.#activeBytes + this.#lingeringBytes <= this.#limits.maxBytes
      if (fits && nowMs < untilMs) break
      this.#lingering.delete(key)
      this.watcher?.gone(stored)
      this.#lingeringBytes -= stored.content.length
    }
  }
}
