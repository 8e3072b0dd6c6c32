/** Decides whose messages are read: peers that the application authorizes and that are not banned for violations. */

import type { Address } from '../model/peer.ts'
import type { ViolationReason } from '../model/violation.ts'
import { Claims } from './claims.ts'
import { Penalties } from './penalties.ts'
import type { ReputationConfig } from './reputation-config.ts'

/** Ten answers offset one violation: a network that alters a byte now and then looks like a peer that breaks the protocol. */
const ANSWERED = 0.1

/**
 * The weight of a rejected update. A content does not tell who submitted it, so the peer may only have passed on what it
 * accepted, as where two versions of a validator run. Three thousand of them that nothing offsets are a flood, from any peer. A
 * guess, far above what a correct peer passes on: one answer offsets a hundred.
 */
const PASSED_ON = 0.001

/** The most unauthorized peers remembered as removed; beyond it they are removed once more, which is harmless. */
const MAX_EXPELLED = 1024

export class Admission {
  readonly #penalties: Penalties
  readonly #claims = new Claims()
  /** Unauthorized peers that were removed from view, trees and requests. */
  readonly #expelled = new Set<Address>()
  readonly #authorize: ((peer: Address) => boolean) | undefined

  /** Without `authorize`, every peer is authorized. */
  constructor(config: ReputationConfig, authorize: ((peer: Address) => boolean) | undefined) {
    this.#penalties = new Penalties(config)
    this.#authorize = authorize
  }

  /** Returns how many peers are banned. */
  bannedPeers(nowMs: number): number {
    return this.#penalties.banned(nowMs)
  }

  /** Returns the reason to discard messages from and to `peer`, if any. */
  dropReason(nowMs: number, peer: Address): 'peer-banned' | 'peer-unauthorized' | undefined {
    if (this.#authorize !== undefined && !this.#authorize(peer)) return 'peer-unauthorized'
    return this.#penalties.isBanned(nowMs, peer) ? 'peer-banned' : undefined
  }

  /** Returns whether `peer` is banned, without asking whether it is authorized. */
  isBanned(nowMs: number, peer: Address): boolean {
    return this.#penalties.isBanned(nowMs, peer)
  }

  /** Returns whether an address that others name may enter the view. */
  admits(nowMs: number, peer: Address): boolean {
    if (this.dropReason(nowMs, peer) !== undefined) return false
    this.#expelled.delete(peer)
    return true
  }

  /** Returns whether an unauthorized `peer` must be removed now: once, as nothing it sends brings it back. */
  expel(peer: Address): boolean {
    if (this.#expelled.has(peer)) return false
    if (this.#expelled.size >= MAX_EXPELLED) this.#expelled.clear()
    this.#expelled.add(peer)
    return true
  }

  /** Notes a message of `from`; `connection` is set where its address is only claimed. */
  spoke(from: Address, connection: string | undefined): void {
    this.#expelled.delete(from)
    this.#claims.spoke(from, connection)
  }

  /**
   * Counts a violation. Returns for how many milliseconds the peer is banned from now on, 0 for not yet. Where its address is
   * only claimed it is never banned, and `connection` must be closed instead.
   */
  penalize(
    nowMs: number,
    peer: Address,
    reason: ViolationReason
  ): { bannedMs: number; connection?: string } {
    const answerable = this.#claims.answerable(peer)
    const weight = reason === 'rejected-update' ? PASSED_ON : 1
    const bannedMs = this.#penalties.add(nowMs, answerable, weight)
    const connection = this.#claims.connectionOf(peer)
    if (connection === undefined || bannedMs === 0) return { bannedMs }
    this.#penalties.forget(answerable)
    return { bannedMs: 0, connection }
  }

  /** Offsets violations of `peer`, which answered a request; `useful` if the answer brought a content that was needed. */
  forgive(nowMs: number, peer: Address, useful: boolean): void {
    this.#penalties.offset(nowMs, this.#claims.answerable(peer), useful ? 1 : ANSWERED)
  }
}
