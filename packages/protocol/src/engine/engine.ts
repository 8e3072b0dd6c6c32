/**
 * Runs the whole protocol of one node as a pure state machine: each call takes an input and a time, and returns effects.
 *
 * The engine is synchronous and has no clock, timers or rng of its own, so that a socket and a simulator can drive it. A call
 * changes all state before any effect is performed. Call `tick` at `deadlineMs`. An early call does nothing, and a late one
 * counts as one tick. The families do not know one another: what one of them finds is passed on here.
 */

import type { Effect, FamilyEffect } from '../model/effect.ts'
import type { Message, Send } from '../model/message.ts'
import type { Address } from '../model/peer.ts'
import type { DigestKey, KeyedSubmission } from '../model/update.ts'
import type { Verdict } from '../model/verdict.ts'
import { oneViolation } from '../model/violation.ts'
import { submitTo } from '../store/submit.ts'
import { dispatch } from './dispatch.ts'
import { EngineState } from './engine-state.ts'

export class Engine extends EngineState {
  /**
   * Contacts first peers, of which a peer source `named` some (default: all). Ignores the own address, those already in the
   * view, and those that are banned or not authorized.
   */
  join(
    nowMs: number,
    addresses: readonly Address[],
    named: readonly Address[] = addresses
  ): Effect[] {
    const contacts = addresses.filter(
      (address) => address !== this.self && this.admission.admits(nowMs, address)
    )
    if (contacts.length > 0) this.hasContacts = true
    return this.sampler.join(nowMs, contacts, named)
  }

  tick(nowMs: number): Effect[] {
    const sends = this.sampler.tick(nowMs)
    const gone = this.sampler.takeGone()
    for (const peer of gone) this.broadcaster.forget(peer)
    return [
      ...gone.map((peer): Effect => ({ kind: 'unanswered', peer })),
      ...sends,
      ...this.reputation.count(nowMs, this.#compareAndFetch(nowMs)),
      ...this.broadcaster.tick(nowMs, this.viewSize, this.chooseNeighbors)
    ]
  }

  /** Receives a message, unless its sender is turned away. */
  receive(nowMs: number, from: Address, message: Message): Effect[] {
    const reason = this.reputation.dropReason(nowMs, from)
    if (reason !== undefined) return this.reputation.turnedAway(nowMs, from, reason)
    return this.read(nowMs, from, message)
  }

  /** Does as {@link receive}, for a caller that has asked {@link reputation} before. */
  read(nowMs: number, from: Address, message: Message, connection?: string): Effect[] {
    this.admission.spoke(from, connection)
    this.sampler.noteAlive(from)
    const effects = dispatch(this, nowMs, from, message)
    this.reputation.forgive(nowMs, from, message.kind, effects)
    return this.#finish(nowMs, oneViolation(effects), from)
  }

  /** Receives the verdict on the update of a `validate` effect; `undefined` when there is none. */
  validated(nowMs: number, key: DigestKey, verdict: Verdict | undefined): Effect[] {
    this.store.advance(nowMs)
    return this.#finish(nowMs, this.fetcher.validated(nowMs, key, verdict))
  }

  /** Accepts an own update, or throws INVALID_UPDATE, UPDATE_TOO_LARGE or STORE_FULL with nothing changed. */
  submit(nowMs: number, content: Uint8Array): KeyedSubmission {
    const { key, status, stored } = submitTo(this.store, nowMs, content, this.contentRules)
    if (stored !== undefined) {
      this.fetcher.submitted(stored.key)
      this.ownUpdates.submitted(stored.key)
      this.broadcaster.submitted(nowMs, stored)
    }
    return { key, status }
  }

  /** Notes that a part of a message of `from` has arrived. */
  arriving(nowMs: number, from: Address): void {
    // A peer that sends is alive, even if it left requests unanswered meanwhile.
    this.sampler.noteAlive(from)
    this.fetcher.arriving(nowMs, from)
  }

  /** Notes that the network has taken `send`. */
  sent(nowMs: number, { message, serves = [] }: Send): void {
    if (message.kind === 'content-response') for (const key of serves) this.ownUpdates.answered(key)
    if (message.kind === 'digest-request' || message.kind === 'digest-response')
      this.store.pushed(message.digests, nowMs)
  }

  /** Notes that the network has not taken `send`. `unreachable` is whether the cause is the peer, not the message. */
  sendFailed(nowMs: number, { to }: Send, unreachable: boolean): Effect[] {
    // The peer may still deliver what is pending. A request that was not sent is repeated after its timeout.
    if (!unreachable) return []
    this.sampler.sendFailed(nowMs, to)
    return this.reputation.count(nowMs, this.without(nowMs, to))
  }

  /** Removes `peer`, whose connection is closed, from view, neighbors, trees and targets, until it sends a message again. */
  lost(nowMs: number, peer: Address): Effect[] {
    this.sampler.lost(nowMs, peer)
    return this.reputation.count(nowMs, this.without(nowMs, peer))
  }

  /** Starts extra rounds for the unacknowledged updates, because the node stops. */
  leave(nowMs: number): Effect[] {
    this.antiEntropy.leave(nowMs)
    return this.tick(nowMs)
  }

  #compareAndFetch(nowMs: number): readonly FamilyEffect[] {
    if (nowMs < Math.min(this.fetcher.dueMs, this.antiEntropy.dueMs)) return []
    this.store.advance(nowMs)
    const neighbors = (): readonly Address[] => this.neighbors(nowMs)
    return [
      ...this.ownUpdates.takeEnded(),
      ...this.fetcher.tick(nowMs),
      ...this.antiEntropy.tick(nowMs, this.chooseTargets, neighbors)
    ]
  }

  /** Passes accepted updates to the broadcaster, which sends them to neighbors, and counts violations. */
  #finish(nowMs: number, effects: readonly FamilyEffect[], from?: Address): Effect[] {
    for (const effect of effects)
      if (effect.kind === 'deliver') this.broadcaster.accepted(nowMs, effect, from)
    return this.reputation.count(nowMs, effects)
  }
}
