/**
 * "Not now": updates that cannot be taken as they are, each tried again at growing intervals, behind what is new.
 *
 * An update is postponed because it does not fit, because the store is full, because the validator could not judge it, or
 * because the only peer that brought it says that it is too old. None of this is the fault of who brought it, and none
 * may be paid for in each round.
 */

import type { Address } from '../peer.ts'
import type { DigestKey } from '../update.ts'

/**
 * Of how many updates that is remembered: as many as a store has by default, so that a node which can take none of them
 * does not fetch them again in every round. Of one beyond, the next offer is tried at once.
 */
const MAX_POSTPONED = 100_000

/** Of how many it is remembered from whom they are postponed. */
const MAX_POSTPONED_BY_PEER = 4096

/** How often an update is tried before it is given up: it is told as lost, and tried once in {@link LONGEST_MS}. */
const MAX_TRIES = 8

/** The longest interval between two tries. */
const LONGEST_MS = 3_600_000

/** The same update is refused from so many peers, each by name, when its age is what is wrong. */
const MAX_REFUSED_PEERS = 16

interface Entry {
  readonly tries: number
  readonly notBeforeMs: number
}

interface EntryByPeer extends Entry {
  /** Peers whose word for its age was refused; others may bring it. */
  readonly from: Set<Address>
}

export class Postponed {
  readonly #firstMs: number
  /** Whoever offers them, in order of the last try. */
  readonly #entries = new Map<DigestKey, Entry>()
  /** Those that others may bring, in order of the last try. No update is in both. */
  readonly #byPeer = new Map<DigestKey, EntryByPeer>()

  /** The first interval is `firstMs`; each one after it is twice as long. */
  constructor(firstMs: number) {
    this.#firstMs = firstMs
  }

  get size(): number {
    return this.#entries.size + this.#byPeer.size
  }

  /** Returns whether an offer of `from` is to be passed over for now. */
  holds(key: DigestKey, from: Address, nowMs: number): boolean {
    if (this.size === 0) return false
    const entry = this.#entries.get(key)
    if (entry !== undefined) return nowMs < entry.notBeforeMs
    const byPeer = this.#byPeer.get(key)
    return byPeer !== undefined && nowMs < byPeer.notBeforeMs && byPeer.from.has(from)
  }

  /** Whether it was put off, and not taken since. */
  has(key: DigestKey): boolean {
    return this.#entries.has(key) || this.#byPeer.has(key)
  }

  /** Puts an update off, whoever offers it. Returns whether it is given up with that. */
  add(key: DigestKey, nowMs: number): boolean {
    return this.#put(key, this.#tried(key, nowMs))
  }

  /** Puts an update off when `from` offers it. Returns whether it is given up with that. */
  addFrom(key: DigestKey, from: Address, nowMs: number): boolean {
    const peers = this.#byPeer.get(key)?.from ?? new Set()
    const next = this.#tried(key, nowMs)
    // So many agree that it is too old, or it is postponed from everybody already.
    if (peers.size >= MAX_REFUSED_PEERS || this.#entries.has(key)) return this.#put(key, next)
    this.#byPeer.delete(key)
    this.#byPeer.set(key, { ...next, from: peers.add(from) })
    trim(this.#byPeer, MAX_POSTPONED_BY_PEER)
    return next.tries === MAX_TRIES
  }

  /** Gives an update up at once: trying again would not help. Returns whether that is new. */
  giveUp(key: DigestKey, nowMs: number): boolean {
    return this.#put(key, this.#tried(key, nowMs, MAX_TRIES - 1))
  }

  /** The update was taken, or is not wanted any more. */
  delete(key: DigestKey): void {
    if (this.size === 0) return
    this.#entries.delete(key)
    this.#byPeer.delete(key)
  }

  /** What is known of an update after one try more, of `leastTries` before it. */
  #tried(key: DigestKey, nowMs: number, leastTries: number = 0): Entry {
    const known = this.#entries.get(key) ?? this.#byPeer.get(key)
    const tries = Math.max(known?.tries ?? 0, leastTries) + 1
    const waitMs =
      tries >= MAX_TRIES ? LONGEST_MS : Math.min(LONGEST_MS, this.#firstMs * 2 ** (tries - 1))
    return { tries, notBeforeMs: nowMs + waitMs }
  }

  #put(key: DigestKey, entry: Entry): boolean {
    this.delete(key)
    this.#entries.set(key, entry)
    trim(this.#entries, MAX_POSTPONED)
    return entry.tries === MAX_TRIES
  }
}

function trim(entries: Map<DigestKey, unknown>, most: number): void {
  if (entries.size > most) entries.delete(entries.keys().next().value!)
}
