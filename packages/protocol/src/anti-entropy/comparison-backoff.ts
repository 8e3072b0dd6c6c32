/**
 * Decides when a full comparison with a peer may be repeated. After one that changed nothing, the rounds with that peer
 * compare only fingerprints, for intervals that grow. A change of either set ends the back-off at once.
 */

import { setBounded } from '../model/bounded-map.ts'
import type { Address } from '../model/peer.ts'

/**
 * The waits, in periods, after the first, second, third and fourth comparison in a row that changed nothing. The first ones
 * are short, because a message may have been lost. All together take less than half a minute with the preset `lan`.
 */
const FIRST_WAITS = [0, 1, 8, 64]

/**
 * The wait is at most one period for each 8 bytes that the comparison took, and exactly that after more than four. Repeated
 * comparisons then add a sixth to the bytes of the fingerprints.
 */
const BYTES_PER_PERIOD = 8

/** The longest wait, in periods, while updates of the peer are requested or may be accepted later. */
const POSTPONED_WAIT = 16

/** The longest wait of all. */
const MOST_MS = 24 * 60 * 60 * 1000

/** The most peers that are tracked; the one compared with longest ago is forgotten first. */
const MAX_PEERS = 256

/** The last comparison with a peer. */
interface Comparison {
  readonly startedAtMs: number
  readonly ours: Uint8Array
  /** The peer's fingerprint; `undefined` after a list that was not preceded by an exchange of fingerprints. */
  readonly theirs: Uint8Array | undefined
  /** How many comparisons in a row have changed nothing. One that covers a part of the sets counts as that part. */
  fruitless: number
  /** The bytes that it took, in both directions. */
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

  /** Ends the back-off for all peers, permanently. */
  end(): void {
    this.#hasEnded = true
  }

  /** How many peers are tracked. */
  get size(): number {
    return this.#ofPeers.size
  }

  /** Returns whether this node's set is the same as at the last comparison with `peer`. */
  isUnchanged(peer: Address, ours: Uint8Array): boolean {
    const last = this.#ofPeers.get(peer)
    return !this.#hasEnded && last !== undefined && equalBytes(last.ours, ours)
  }

  /** Returns whether to wait with another comparison, given the fingerprint of `peer`, or the last one if it is unknown. */
  isEarly(peer: Address, nowMs: number, ours: Uint8Array, theirs?: Uint8Array): boolean {
    const last = this.#hasEnded ? undefined : this.#ofPeers.get(peer)
    if (last?.theirs === undefined || !equalBytes(last.ours, ours)) return false
    if (theirs !== undefined && !equalBytes(last.theirs, theirs)) return false
    return nowMs < last.startedAtMs + this.#waitMs(last)
  }

  /** Notes that a comparison of `ours` with `theirs` starts. */
  started(peer: Address, nowMs: number, ours: Uint8Array, theirs: Uint8Array | undefined): void {
    const last = this.#ofPeers.get(peer)
    const isSame =
      last?.theirs !== undefined &&
      theirs !== undefined &&
      equalBytes(last.ours, ours) &&
      equalBytes(last.theirs, theirs)
    const fruitless = isSame ? last.fruitless : 0
    const comparison = { startedAtMs: nowMs, ours, theirs, fruitless, bytes: 0, isPostponed: false }
    setBounded(this.#ofPeers, peer, comparison, MAX_PEERS)
  }

  /** Adds `bytes` to what the current comparison took. */
  took(peer: Address, bytes: number): void {
    const last = this.#ofPeers.get(peer)
    if (last !== undefined) last.bytes += bytes
  }

  /** Notes that the comparison has ended and covered `share` of the sets. If it changes a set, the fingerprint will differ. */
  ended(peer: Address, share: number): void {
    const last = this.#ofPeers.get(peer)
    if (last !== undefined) last.fruitless += share
  }

  /** Notes that updates found by the comparison are requested, or may be accepted later though neither set changes. */
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
