/**
 * Tracks updates that this node cannot accept now. It ignores their offers, and requests each again at growing intervals.
 *
 * An update is postponed because it is too large, because the store is full, because the validator had no verdict, or
 * because it is too old by the age that the sending peer gives. The sending peer is not at fault. Without this, each round
 * would transfer the content again.
 */

import { setBounded } from '../model/bounded-map.ts'
import type { Address } from '../model/peer.ts'
import type { DigestKey } from '../model/update.ts'

/**
 * The most updates that are postponed from all peers: as many as a store holds by default, so that a node that can accept
 * none of them does not fetch them again in every round. Beyond it, the one tried longest ago is forgotten.
 */
const MAX_POSTPONED = 100_000

/** The most updates that are postponed from single peers. */
const MAX_POSTPONED_BY_PEER = 4096

/** After how many tries an update is given up: it is reported as lost, and tried only once in {@link LONGEST_MS}. */
const MAX_TRIES = 8

/** The longest interval between two tries. */
const LONGEST_MS = 3_600_000

/** From how many single peers an update may be postponed for its age; after one more it is postponed from all peers. */
const MAX_REFUSED_PEERS = 16

interface Entry {
  readonly tries: number
  readonly notBeforeMs: number
}

interface EntryByPeer extends Entry {
  /** Peers by whose age the update is too old. It is still accepted from others. */
  readonly from: Set<Address>
}

export class Postponed {
  readonly #firstMs: number
  /** Updates postponed from all peers, in order of the last try. */
  readonly #entries = new Map<DigestKey, Entry>()
  /** Updates postponed from single peers, in order of the last try. No update is in both maps. */
  readonly #byPeer = new Map<DigestKey, EntryByPeer>()

  /** The first interval is `firstMs`; each next one is twice as long. */
  constructor(firstMs: number) {
    this.#firstMs = firstMs
  }

  get size(): number {
    return this.#entries.size + this.#byPeer.size
  }

  /** Returns whether to ignore an offer of `from` for now. */
  holds(key: DigestKey, from: Address, nowMs: number): boolean {
    if (this.size === 0) return false
    const entry = this.#entries.get(key)
    if (entry !== undefined) return nowMs < entry.notBeforeMs
    const byPeer = this.#byPeer.get(key)
    return byPeer !== undefined && nowMs < byPeer.notBeforeMs && byPeer.from.has(from)
  }

  /** Returns whether an update was postponed, and not deleted since. */
  has(key: DigestKey): boolean {
    return this.#entries.has(key) || this.#byPeer.has(key)
  }

  /** Postpones an update from all peers. Returns whether it is given up. */
  add(key: DigestKey, nowMs: number): boolean {
    return this.#put(key, this.#tried(key, nowMs))
  }

  /** Postpones an update from one peer. Returns whether it is given up. */
  addFrom(key: DigestKey, from: Address, nowMs: number): boolean {
    const peers = this.#byPeer.get(key)?.from ?? new Set()
    const next = this.#tried(key, nowMs)
    // Enough peers agree that it is too old, or it is postponed from all peers already.
    if (peers.size >= MAX_REFUSED_PEERS || this.#entries.has(key)) return this.#put(key, next)
    setBounded(this.#byPeer, key, { ...next, from: peers.add(from) }, MAX_POSTPONED_BY_PEER)
    return next.tries === MAX_TRIES
  }

  /** Gives an update up without further tries. Returns false if it was given up before. */
  giveUp(key: DigestKey, nowMs: number): boolean {
    return this.#put(key, this.#tried(key, nowMs, MAX_TRIES - 1))
  }

  /** Removes an update that was accepted, or that is no longer needed. */
  delete(key: DigestKey): void {
    if (this.size === 0) return
    this.#entries.delete(key)
    this.#byPeer.delete(key)
  }

  /** Returns the entry of an update after one more try, with at least `leastTries` counted before it. */
  #tried(key: DigestKey, nowMs: number, leastTries: number = 0): Entry {
    const entry = this.#entries.get(key) ?? this.#byPeer.get(key)
    const tries = Math.max(entry?.tries ?? 0, leastTries) + 1
    const waitMs =
      tries >= MAX_TRIES ? LONGEST_MS : Math.min(LONGEST_MS, this.#firstMs * 2 ** (tries - 1))
    return { tries, notBeforeMs: nowMs + waitMs }
  }

  #put(key: DigestKey, entry: Entry): boolean {
    this.#byPeer.delete(key)
    setBounded(this.#entries, key, entry, MAX_POSTPONED)
    return entry.tries === MAX_TRIES
  }
}
