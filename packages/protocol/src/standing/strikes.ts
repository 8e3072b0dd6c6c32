/**
 * Who has misbehaved, and who is ignored for it.
 *
 * Three strikes and out for a while, instead of the weighted scores of gossipsub: small enough to be read, and enough to
 * make an attack cost more than it brings. Counted by address, which is as good as the transport's evidence for it.
 */

import type { Address } from '../peer.ts'
import type { StandingConfig } from './config.ts'

interface Standing {
  /** Offences that still count, as of `atMs`: one is forgotten per window, and good messages take some back. */
  strikes: number
  atMs: number
  ignoredUntilMs: number
}

export class Strikes {
  readonly #config: StandingConfig
  /** The one that was longest quiet comes first. */
  readonly #records = new Map<Address, Standing>()

  constructor(config: StandingConfig) {
    this.#config = config
  }

  /** Peers ignored at `nowMs`. */
  ignored(nowMs: number): number {
    let count = 0
    for (const { ignoredUntilMs } of this.#records.values()) if (ignoredUntilMs > nowMs) count++
    return count
  }

  ignores(peer: Address, nowMs: number): boolean {
    const record = this.#records.size === 0 ? undefined : this.#records.get(peer)
    return record !== undefined && record.ignoredUntilMs > nowMs
  }

  /**
   * Counts an offence, which weighs 1 or less; returns for how many milliseconds the peer is ignored from now on, 0 for not
   * yet. Of a peer that is ignored already it counts nothing: that time neither shrinks nor begins anew.
   */
  strike(peer: Address, weight: number, nowMs: number): number {
    const strikes = this.#strikesOf(peer, nowMs) + weight
    const untilMs = this.#records.get(peer)?.ignoredUntilMs ?? -Infinity
    const isIgnored = untilMs > nowMs
    // Some of an earlier one may be forgotten by now: it is as many whole ones as have begun.
    const isOut = !isIgnored && strikes > this.#config.maxStrikes - weight
    const ignoredMs = isOut ? this.#config.ignoreMs : 0
    this.#records.delete(peer)
    this.#records.set(peer, {
      strikes: isOut || isIgnored ? 0 : strikes,
      atMs: nowMs,
      ignoredUntilMs: isOut ? nowMs + ignoredMs : untilMs
    })
    if (this.#records.size > this.#config.maxOffenders) this.#forgetOne(nowMs)
    return ignoredMs
  }

  /** Takes back `strikes`, which may be a part of one, for something good that came from the peer. */
  forgive(peer: Address, strikes: number, nowMs: number): void {
    const record = this.#records.size === 0 ? undefined : this.#records.get(peer)
    if (record === undefined) return
    record.strikes = Math.max(0, this.#strikesOf(peer, nowMs) - strikes)
    record.atMs = nowMs
  }

  forget(peer: Address): void {
    this.#records.delete(peer)
  }

  /** The longest quiet that is not ignored, so that many addresses do not end the time of one. */
  #forgetOne(nowMs: number): void {
    for (const [peer, { ignoredUntilMs }] of this.#records) {
      if (ignoredUntilMs > nowMs) continue
      this.#records.delete(peer)
      return
    }
    this.#records.delete(this.#records.keys().next().value!)
  }

  #strikesOf(peer: Address, nowMs: number): number {
    const record = this.#records.get(peer)
    return record === undefined
      ? 0
      : Math.max(0, record.strikes - (nowMs - record.atMs) / this.#config.windowMs)
  }
}
