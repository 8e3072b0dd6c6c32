/**
 * Peers that were dropped because they could not be reached, or did not answer: a tombstone against rumors of them, and
 * somebody to try again, for as long as the node runs.
 *
 * In a group smaller than the view nothing ever pushes a dead entry out, so other nodes hand it back forever; and two
 * halves that forgot one another never meet again. Not in the paper: its nodes know who is alive.
 */

import type { Address, Peer } from '../peer.ts'
import { Attempts } from './attempts.ts'
import type { MembershipConfig } from './config.ts'
import { NeverAnswered } from './never-answered.ts'

/** The longest time from one attempt at a past peer to the next. A guess: halves that were apart for days meet in an hour. */
const LONGEST_ATTEMPT_MS = 60 * 60 * 1000

/** For how long peers of an earlier life count as known, because nobody took it down. A guess. */
const KNOWN_BEFORE_MS = LONGEST_ATTEMPT_MS

/** Periods for which a peer stays out after it was listed once in vain; so many times as long each time. A guess. */
const FIRST_DOUBT_PERIODS = 32
const DOUBT_GROWTH = 4

interface PastPeer {
  readonly droppedAtMs: number
  /** For how long it was known: the longest known are remembered. */
  readonly knownMs: number
  /** How often it was listed again since, by the word of others, and dropped again. */
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

  /** How many past peers are remembered. */
  get size(): number {
    return this.#past.size
  }

  /** Those that were known longest first. */
  addresses(): Address[] {
    const past = [...this.#past].sort(([, one], [, other]) => other.knownMs - one.knownMs)
    return past.map(([address]) => address)
  }

  /** It left the view, of which it had been a peer for `knownMs`; `undefined` when it has never said anything. */
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

  /** It was a peer in an earlier life of this node. */
  known(address: Address, nowMs: number): void {
    if (this.#past.has(address)) return
    this.#remember(address, nowMs, {
      droppedAtMs: -Infinity,
      knownMs: KNOWN_BEFORE_MS,
      disproved: 0
    })
  }

  /** It was heard from, so it lives. Returns whether it had been dropped in this life. */
  heard(address: Address): boolean {
    this.#neverAnswered.delete(address)
    const past = this.#past.get(address)
    if (past === undefined) return false
    this.#attempts.delete(address)
    this.#past.delete(address)
    return past.droppedAtMs > -Infinity
  }

  /**
   * Whether an entry that another node passed on may be believed: not when it may be older than our own failure to
   * reach its owner. Each exchange adds one to an age and nodes open one per period, so an entry of age a was vouched
   * for at most a periods ago; two more allow for jitter and for the round that had not come yet. Ages may lie: who is
   * believed in is asked at once, and each time that this was in vain, the next such word is believed much later.
   */
  believes(peer: Peer, nowMs: number): boolean {
    if (this.#neverAnswered.has(peer.address, nowMs)) return false
    const past = this.#past.get(peer.address)
    if (past === undefined) return true
    const sinceMs = nowMs - past.droppedAtMs
    if ((peer.age + 2) * this.#config.periodMs >= sinceMs || this.#doubtMs(past) >= sinceMs)
      return false
    this.#attempts.hasten(peer.address, nowMs)
    return true
  }

  /** Up to `count` past peers to try now; see {@link Attempts.next}. */
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

  /** The one known for the shortest time, the first of equals. */
  #forgetOne(): void {
    let shortest: Address | undefined
    let shortestMs = Infinity
    for (const [address, { knownMs }] of this.#past) {
      if (knownMs >= shortestMs) continue
      shortest = address
      shortestMs = knownMs
    }
    if (shortest !== undefined) this.heard(shortest)
  }
}
