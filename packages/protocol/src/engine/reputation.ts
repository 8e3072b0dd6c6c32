/** Counts violations and answers of peers, and turns away those that are banned or not authorized. */

import type { Admission } from '../membership/admission.ts'
import type { DropReason } from '../model/drop.ts'
import type { Effect, FamilyEffect } from '../model/effect.ts'
import { isResponse, type MessageKind, type Send } from '../model/message.ts'
import type { Address } from '../model/peer.ts'
import type { Violation, ViolationEvent } from '../model/violation.ts'

export class Reputation {
  readonly #self: Address
  readonly #admission: Admission
  readonly #forget: (nowMs: number, peer: Address) => FamilyEffect[]

  /** `forget` removes a peer from view, neighbors, trees and targets, and requests from others what was pending from it. */
  constructor(
    self: Address,
    admission: Admission,
    forget: (nowMs: number, peer: Address) => FamilyEffect[]
  ) {
    this.#self = self
    this.#admission = admission
    this.#forget = forget
  }

  /** Returns the reason to drop messages of `from`, if any. Ask before decoding them. */
  dropReason(nowMs: number, from: Address): DropReason | undefined {
    return from === this.#self ? 'unsolicited' : this.#admission.dropReason(nowMs, from)
  }

  /**
   * Is called before each `send` is performed. Returns `undefined` if it may be, or else the effects instead of it, because its
   * receiver is banned or not authorized. So a peer that lost its authorization is forgotten even if it sends nothing.
   */
  withheld(nowMs: number, { to }: Send): Effect[] | undefined {
    const reason = this.#admission.dropReason(nowMs, to)
    return reason === undefined ? undefined : this.turnedAway(nowMs, to, reason)
  }

  /** Counts a violation of `from`, which sent bytes that are not a message. */
  malformed(nowMs: number, from: Address, connection?: string): Effect[] {
    this.#admission.spoke(from, connection)
    return this.#penalize(nowMs, { kind: 'violation', peer: from, reason: 'malformed' })
  }

  /** Reports a message of or to `peer` that was dropped for `reason`. Forgets a peer that is no longer authorized. */
  turnedAway(nowMs: number, peer: Address, reason: DropReason): Effect[] {
    const drop: Effect = { kind: 'dropped', reason, count: 1, peer }
    const isExpelled = reason === 'peer-unauthorized' && this.#admission.expel(peer)
    return isExpelled ? [drop, ...this.count(nowMs, this.#forget(nowMs, peer))] : [drop]
  }

  /**
   * Reduces the penalties of a peer for a response that was requested. Other messages cost a peer nothing, so they do not
   * count; nor does a push, because any peer can push worthless contents that are new.
   */
  forgive(
    nowMs: number,
    from: Address,
    kind: MessageKind,
    effects: readonly { kind: string; reason?: string }[]
  ): void {
    if (!isResponse(kind)) return
    if (effects.some((each) => each.kind === 'violation' || each.reason === 'unsolicited')) return
    const isUseful = effects.some((each) => each.kind === 'deliver')
    this.#admission.forgive(nowMs, from, isUseful)
  }

  /** Counts the violations among `found`. A peer with too many is forgotten. */
  count(nowMs: number, found: readonly (Exclude<Effect, ViolationEvent> | Violation)[]): Effect[] {
    return found.flatMap((effect) =>
      effect.kind === 'violation' ? this.#penalize(nowMs, effect) : effect
    )
  }

  #penalize(nowMs: number, { peer, reason }: Violation): Effect[] {
    // A banned peer is not penalized again: verdicts on its earlier updates may come after the ban.
    if (this.#admission.isBanned(nowMs, peer)) return []
    const { bannedMs, connection } = this.#admission.penalize(nowMs, peer, reason)
    const closed = connection === undefined ? {} : { connection }
    const event: Effect = { kind: 'violation', peer, reason, bannedMs, ...closed }
    return bannedMs > 0 ? [event, ...this.count(nowMs, this.#forget(nowMs, peer))] : [event]
  }
}
