/**
 * Violations of each peer, and the bans that follow from them.
 *
 * Three violations and a ban for a while, instead of the weighted scores of gossipsub: easy to read, and enough to make an
 * attack cost more than it gains. Counted by address, which is as good as the transport's evidence for it.
 */

import type { Address } from '../model/peer.ts'
import type { ReputationConfig } from './reputation-config.ts'

interface PeerRecord {
  /** Violations that count at `atMs`: one is forgotten per window, and useful messages offset some. */
  penalties: number
  atMs: number
  bannedUntilMs: number
}

export class Penalties {
  readonly #config: ReputationConfig
  /** The one without a violation for longest comes first. */
  readonly #records = new Map<Address, PeerRecord>()

  constructor(config: ReputationConfig) {
    this.#config = config
  }

  /** Returns how many peers are banned. */
  banned(nowMs: number): number {
    let count = 0
    for (const { bannedUntilMs } of this.#records.values()) if (bannedUntilMs > nowMs) count++
    return count
  }

  isBanned(nowMs: number, peer: Address): boolean {
    const record = this.#records.size === 0 ? undefined : this.#records.get(peer)
    return record !== undefined && record.bannedUntilMs > nowMs
  }

  /**
   * Counts a violation of weight 1 or less. Returns for how many milliseconds the peer is banned from now on, 0 for not yet.
   * Violations during a ban do not count: they neither shorten nor extend it.
   */
  add(nowMs: number, peer: Address, weight: number): number {
    const penalties = this.#penaltiesOf(nowMs, peer) + weight
    const untilMs = this.#records.get(peer)?.bannedUntilMs ?? -Infinity
    const isBanned = untilMs > nowMs
    // A part of an earlier violation may be forgotten by now; it counts as a whole one here.
    const isOver = !isBanned && penalties > this.#config.maxPenalties - weight
    const bannedMs = isOver ? this.#config.banMs : 0
    this.#records.delete(peer)
    this.#records.set(peer, {
      penalties: isOver || isBanned ? 0 : penalties,
      atMs: nowMs,
      bannedUntilMs: isOver ? nowMs + bannedMs : untilMs
    })
    if (this.#records.size > this.#config.maxTrackedPeers) this.#forgetOne(nowMs)
    return bannedMs
  }

  /** Takes back `penalties`, which may be a fraction, for a useful message of the peer. */
  offset(nowMs: number, peer: Address, penalties: number): void {
    const record = this.#records.size === 0 ? undefined : this.#records.get(peer)
    if (record === undefined) return
    record.penalties = Math.max(0, this.#penaltiesOf(nowMs, peer) - penalties)
    record.atMs = nowMs
  }

  forget(peer: Address): void {
    this.#records.delete(peer)
  }

  /** Forgets the oldest record of a peer that is not banned, so that a flood of addresses cannot end a ban. */
  #forgetOne(nowMs: number): void {
    for (const [peer, { bannedUntilMs }] of this.#records) {
      if (bannedUntilMs > nowMs) continue
      this.#records.delete(peer)
      return
    }
    this.#records.delete(this.#records.keys().next().value!)
  }

  #penaltiesOf(nowMs: number, peer: Address): number {
    const record = this.#records.get(peer)
    return record === undefined
      ? 0
      : Math.max(0, record.penalties - (nowMs - record.atMs) / this.#config.windowMs)
  }
}
