/**
 * Keeps past peers: those dropped because they could not be reached or did not answer. They are tombstones against rumors of
 * dead peers, and addresses to try again for as long as the node runs.
 *
 * In a group smaller than the view, a dead entry is never pushed out, so other nodes send it forever. And two halves of a
 * group that dropped each other would never meet again. The paper needs neither, because its nodes know which peers are alive.
 */

import type { Address, Peer } from '../model/peer.ts'
import { Attempts } from './attempts.ts'
import type { MembershipConfig } from './config.ts'
import { NeverAnswered } from './never-answered.ts'

/** The longest time from one attempt at a past peer to the next. A guess: halves that were apart for days meet in an hour. */
const LONGEST_ATTEMPT_MS = 60 * 60 * 1000

/** For how long peers from before a restart count as known, because that time is not stored. A guess. */
const KNOWN_BEFORE_MS = LONGEST_ATTEMPT_MS

/** Periods for which rumors of a past peer are ignored after one was disproved, and the factor for each further one. A guess. */
const FIRST_DOUBT_PERIODS = 32
const DOUBT_GROWTH = 4

interface PastPeer {
  readonly droppedAtMs: number
  /** For how long it was known as a peer. Those known longest are kept. */
  readonly knownMs: number
  /** How often it was added to the view again because others named it, and dropped again. */
  readonly disproved: number
}

export class PeerMemory {
  readonly #config: MembershipConfig
  readonly #attempts: Attempts
  readonly #past = new Map<Address, PastPeer>()
  readonly #neverAnswered = new NeverAnswered()

  constructor(config: MembershipConfig) {
    this.#config = config
    this.#attempts = new Attempts(config.periodMs)
  }

  /** How many past peers are kept. */
  get size(): number {
    return this.#past.size
  }

  /** Returns the past peers, those known longest first. */
  addresses(): Address[] {
    const past = [...this.#past].sort(([, one], [, other]) => other.knownMs - one.knownMs)
    return past.map(([address]) => address)
  }

  /** Adds a peer that was dropped from the view, and known for `knownMs`; `undefined` when it has never sent a message. */
  dropped(address: Address, nowMs: number, knownMs: number | undefined): void {
    const before = this.#past.get(address)
    if (before === undefined && knownMs === undefined)
      return this.#neverAnswered.add(address, nowMs)
    this.#remember(address, nowMs, {
      droppedAtMs: nowMs,
      knownMs: Math.max(knownMs ?? 0, before?.knownMs ?? 0),
      disproved: before === undefined ? 0 : before.disproved + 1
    })
  }

  /** Adds a peer from before a restart of this node. */
  restored(address: Address, nowMs: number): void {
    if (this.#past.has(address)) return
    this.#remember(address, nowMs, {
      droppedAtMs: -Infinity,
      knownMs: KNOWN_BEFORE_MS,
      disproved: 0
    })
  }

  /** Removes an address that has sent a message. Returns whether it had been dropped since the start of this node. */
  remove(address: Address): boolean {
    this.#neverAnswered.delete(address)
    const past = this.#past.get(address)
    if (past === undefined) return false
    this.#attempts.delete(address)
    this.#past.delete(address)
    return past.droppedAtMs > -Infinity
  }

  /**
   * Returns whether to accept an entry that another node sent: not if it may be older than this node's failure to reach its
   * owner. Each exchange adds one to an age and nodes open one per period, so the owner of an entry of age a was alive at
   * most a periods ago; two more allow for jitter and for the round that had not come yet. Ages may be forged. So an accepted
   * past peer is tried at once, and after each failure its next entries are ignored for much longer.
   */
  accepts(peer: Peer, nowMs: number): boolean {
    if (this.#neverAnswered.has(peer.address, nowMs)) return false
    const past = this.#past.get(peer.address)
    if (past === undefined) return true
    const sinceMs = nowMs - past.droppedAtMs
    if ((peer.age + 2) * this.#config.periodMs >= sinceMs || this.#doubtMs(past) >= sinceMs)
      return false
    this.#attempts.hasten(peer.address, nowMs)
    return true
  }

  /** Returns up to `count` past peers to try now; see {@link Attempts.next}. */
  next(nowMs: number, count: number, isAlone: boolean): Address[] {
    const past = this.#attempts.next(nowMs, count, isAlone)
    return isAlone ? [...past, ...this.#neverAnswered.next(count - past.length)] : past
  }

  #remember(address: Address, nowMs: number, past: PastPeer): void {
    const { maxPastPeers } = this.#config
    if (maxPastPeers > 0) {
      this.#past.delete(address)
      this.#past.set(address, past)
      this.#attempts.add(address, nowMs, LONGEST_ATTEMPT_MS, past.droppedAtMs)
    }
    if (this.#past.size > maxPastPeers) this.#forgetOne()
  }

  #doubtMs({ disproved }: PastPeer): number {
    if (disproved === 0) return 0
    const periods = FIRST_DOUBT_PERIODS * DOUBT_GROWTH ** (disproved - 1)
    return Math.min(LONGEST_ATTEMPT_MS, periods * this.#config.periodMs)
  }

  /** Forgets the peer known for the shortest time, the first of equals. */
  #forgetOne(): void {
    let shortest: Address | undefined
    let shortestMs = Infinity
    for (const [address, { knownMs }] of this.#past) {
      if (knownMs >= shortestMs) continue
      shortest = address
      shortestMs = knownMs
    }
    if (shortest !== undefined) this.remove(shortest)
  }
}
