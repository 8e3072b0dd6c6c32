/**
 * How long fingerprints do, between this node and peers whose sets stay different from ours. A comparison that changed
 * nothing is repeated at growing intervals, and in between the rounds with that peer compare fingerprints only. Any change
 * of either set ends that at once.
 */

import type { Address } from '../peer.ts'

/**
 * How many periods after the first, second, third and fourth comparison in a row that changed nothing the next one
 * follows. Several come soon, as a message may have been lost. All of them together take less than half a minute in a lan.
 */
const FIRST_WAITS = [0, 1, 8, 64]

/** Beyond those, a comparison that took so many bytes is followed by one period of fingerprints: a sixth of what they take. */
const BYTES_PER_PERIOD = 8

/** The longest wait, in periods, while something that was refused may be taken later, or was asked for and has not come. */
const POSTPONED_WAIT = 16

/** The longest wait of all. */
const MOST_MS = 24 * 60 * 60 * 1000

/** How many peers are remembered; the one compared with longest ago is forgotten first. */
const MAX_PEERS = 256

/** The last comparison with a peer. */
interface Comparison {
  readonly startedAtMs: number
  readonly ours: Uint8Array
  /** `undefined` when the peer has not told. */
  readonly theirs: Uint8Array | undefined
  /** How many in a row have changed nothing; one that covers a part of the sets counts as that part. */
  fruitless: number
  /** What it took, both ways. */
  bytes: number
  isPostponed: boolean
}

export class ComparisonBackoff {
  readonly #periodMs: number
  readonly #ofPeers = new Map<Address, Comparison>()
  #hasEnded = false

  constructor(periodMs: number) {
    this.#periodMs = periodMs
  }

  /** From now on, no comparison is too early. */
  end(): void {
    this.#hasEnded = true
  }

  /** How many peers are remembered. */
  get size(): number {
    return this.#ofPeers.size
  }

  /** Returns whether the last comparison with `peer` was of the set that this node still has. */
  stands(peer: Address, ours: Uint8Array): boolean {
    const last = this.#ofPeers.get(peer)
    return !this.#hasEnded && last !== undefined && equalBytes(last.ours, ours)
  }

  /** Returns whether another comparison with `peer` would be too early, if it has the set `theirs`, or the same as before. */
  isEarly(peer: Address, nowMs: number, ours: Uint8Array, theirs?: Uint8Array): boolean {
    const last = this.#hasEnded ? undefined : this.#ofPeers.get(peer)
    if (last?.theirs === undefined || !equalBytes(last.ours, ours)) return false
    if (theirs !== undefined && !equalBytes(last.theirs, theirs)) return false
    return nowMs < last.startedAtMs + this.#waitMs(last)
  }

  /** A comparison of `ours` with `theirs` begins. */
  started(peer: Address, nowMs: number, ours: Uint8Array, theirs: Uint8Array | undefined): void {
    const last = this.#ofPeers.get(peer)
    const isSame =
      last?.theirs !== undefined &&
      theirs !== undefined &&
      equalBytes(last.ours, ours) &&
      equalBytes(last.theirs, theirs)
    this.#ofPeers.delete(peer)
    this.#ofPeers.set(peer, {
      startedAtMs: nowMs,
      ours,
      theirs,
      fruitless: isSame ? last.fruitless : 0,
      bytes: 0,
      isPostponed: false
    })
    if (this.#ofPeers.size > MAX_PEERS) this.#ofPeers.delete(this.#ofPeers.keys().next().value!)
  }

  /** The comparison that is under way took so many bytes more. */
  took(peer: Address, bytes: number): void {
    const last = this.#ofPeers.get(peer)
    if (last !== undefined) last.bytes += bytes
  }

  /** The comparison has ended, and covered `share` of the sets. What it changes, if anything, changes a fingerprint. */
  ended(peer: Address, share: number): void {
    const last = this.#ofPeers.get(peer)
    if (last !== undefined) last.fruitless += share
  }

  /** What the comparison showed is on its way, or may be taken later though neither set changes. */
  postponed(peer: Address): void {
    const last = this.#ofPeers.get(peer)
    if (last !== undefined) last.isPostponed = true
  }

  forget(peer: Address): void {
    this.#ofPeers.delete(peer)
  }

  #waitMs({ fruitless, bytes, isPostponed }: Comparison): number {
    const count = Math.floor(fruitless)
    if (count === 0) return 0
    let periods = Math.min(bytes / BYTES_PER_PERIOD, FIRST_WAITS[count - 1] ?? Infinity)
    if (isPostponed) periods = Math.min(periods, POSTPONED_WAIT)
    return Math.min(MOST_MS, periods * this.#periodMs)
  }
}

export function equalBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length && one.every((byte, index) => byte === other[index])
}
