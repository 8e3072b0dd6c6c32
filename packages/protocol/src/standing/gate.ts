/** Who is let in: those whom the application authorizes, until they misbehave. */

import type { OffenceReason } from '../offence.ts'
import type { Address } from '../peer.ts'
import { Claims } from './claims.ts'
import type { StandingConfig } from './config.ts'
import { Strikes } from './strikes.ts'

/** A network that now and then alters a byte looks like a peer that misbehaves; ten answers make up for one. */
const ANSWERED = 0.1

/**
 * A content says nothing of who submitted it, so an update that is rejected here may have come from a peer that only
 * passes on what it accepted, as where two versions of a validator run. Three thousand of them that nothing makes up for
 * are a flood, whoever it comes from. A guess, far beyond what a group passes on: an answer makes up for a hundred.
 */
const PASSED_ON = 0.001

export class Gate {
  readonly #strikes: Strikes
  readonly #claims = new Claims()
  readonly #authorize: ((peer: Address) => boolean) | undefined

  /** Without `authorize` everybody belongs to the group. */
  constructor(config: StandingConfig, authorize: ((peer: Address) => boolean) | undefined) {
    this.#strikes = new Strikes(config)
    this.#authorize = authorize
  }

  /** How many peers are ignored at `nowMs`. */
  ignoredPeers(nowMs: number): number {
    return this.#strikes.ignored(nowMs)
  }

  /** Why `peer` is turned away; `undefined` when it is let in. */
  turnsAway(peer: Address, nowMs: number): 'ignored' | 'unauthorized' | undefined {
    if (this.#authorize !== undefined && !this.#authorize(peer)) return 'unauthorized'
    return this.#strikes.ignores(peer, nowMs) ? 'ignored' : undefined
  }

  /** `from` has spoken; by `connection`, where its address is only claimed. */
  spoke(from: Address, connection: string | undefined): void {
    this.#claims.spoke(from, connection)
  }

  /**
   * Counts an offence. Returns for how many milliseconds the peer is ignored from now on, 0 for not yet; where its address is only
   * claimed it is not, and the connection is to be closed instead.
   */
  strike(
    peer: Address,
    reason: OffenceReason,
    nowMs: number
  ): { ignoredMs: number; connection?: string } {
    const answerable = this.#claims.answerable(peer)
    const weight = reason === 'rejected-update' ? PASSED_ON : 1
    const ignoredMs = this.#strikes.strike(answerable, weight, nowMs)
    const connection = this.#claims.connectionOf(peer)
    if (connection === undefined || ignoredMs === 0) return { ignoredMs }
    this.#strikes.forget(answerable)
    return { ignoredMs: 0, connection }
  }

  /** `peer` answered what it was asked; `useful` when it brought a content that was wanted. */
  forgive(peer: Address, useful: boolean, nowMs: number): void {
    this.#strikes.forgive(this.#claims.answerable(peer), useful ? 1 : ANSWERED, nowMs)
  }
}
