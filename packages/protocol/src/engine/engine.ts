/**
 * Runs the whole protocol of one node as a pure state machine: each call takes an input and a time, and returns effects.
 *
 * The engine is synchronous and has no clock, timers or rng of its own, so that a socket and a simulator can drive it. A call
 * changes all state before any effect is performed. Call `tick` at `deadlineMs`. An early call does nothing, and a late one
 * counts as one tick.
 */

import { Broadcaster } from '../broadcast/broadcaster.ts'
import { NO_BROADCAST } from '../broadcast/config.ts'
import { Disseminator } from '../dissemination/disseminator.ts'
import { oneViolation, type DisseminationEffect } from '../dissemination/effects.ts'
import type { DropReason } from '../drop.ts'
import { PeerSampler } from '../membership/peer-sampler.ts'
import {
  isResponse,
  type EagerPush,
  type Message,
  type Send,
  type ViewRequest,
  type ViewResponse
} from '../message.ts'
import type { Address, Peer } from '../peer.ts'
import { Admission } from '../reputation/admission.ts'
import { DEFAULT_REPUTATION } from '../reputation/config.ts'
import type { Deliver, Digest, DigestBlock, Submission, UpdateStatus } from '../update.ts'
import type { Verdict } from '../verdict.ts'
import type { ViolationEvent, Violation } from '../violation.ts'
import type { Effect } from './effect.ts'
import type { EngineGauges, EngineOptions } from './engine-options.ts'

export class Engine {
  readonly #self: Address
  readonly #sampler: PeerSampler
  readonly #disseminator: Disseminator
  readonly #broadcaster: Broadcaster
  readonly #admission: Admission
  /** Whether `join` was ever given a contact, which may still answer. */
  #hasContacts = false
  readonly #chooseTargets = (count: number): readonly Address[] => this.#sampler.targets(count)
  readonly #chooseNeighbors = (count: number): readonly Address[] => this.#sampler.neighbors(count)

  constructor(options: EngineOptions) {
    const { self, membership, hash, rng, nowMs, validates = false } = options
    const dissemination = { ...options.store, ...options.fetch, ...options.antiEntropy }
    this.#self = self
    this.#admission = new Admission(options.reputation ?? DEFAULT_REPUTATION, options.authorize)
    this.#sampler = new PeerSampler(self, membership, rng.fork(), nowMs)
    this.#disseminator = new Disseminator(
      dissemination,
      hash,
      rng.fork(),
      nowMs,
      validates,
      options.journal,
      options.label
    )
    const { broadcast = NO_BROADCAST } = options
    this.#broadcaster = new Broadcaster(self, broadcast, dissemination, rng.fork(), nowMs)
  }

  /** When `tick` must be called next, on the same clock as `nowMs`. */
  get deadlineMs(): number {
    return Math.min(this.#sampler.dueMs, this.#disseminator.dueMs, this.#broadcaster.dueMs)
  }

  /** How many more updates the handler can take; the driver keeps it up to date. No more are fetched. */
  set capacity(updates: number) {
    this.#disseminator.capacity = updates
  }

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
      (address) => address !== this.#self && this.#admission.admits(nowMs, address)
    )
    if (contacts.length > 0) this.#hasContacts = true
    return this.#sampler.join(nowMs, contacts, named)
  }

  tick(nowMs: number): Effect[] {
    const sends = this.#sampler.tick(nowMs)
    const gone = this.#sampler.takeGone()
    for (const peer of gone) this.#broadcaster.forget(peer)
    const neighbors = (): readonly Address[] => this.#broadcaster.neighbors(nowMs)
    const effects = this.#disseminator.tick(nowMs, this.#chooseTargets, neighbors)
    return [
      ...gone.map((peer): Effect => ({ kind: 'unanswered', peer })),
      ...sends,
      ...this.#countViolations(nowMs, effects),
      ...this.#broadcaster.tick(nowMs, this.viewSize, this.#chooseNeighbors)
    ]
  }

  /** Returns the reason to drop messages of `from`, if any. Call it before decoding them. */
  dropReason(nowMs: number, from: Address): DropReason | undefined {
    return from === this.#self ? 'unsolicited' : this.#admission.dropReason(nowMs, from)
  }

  /** Reports a message of or to `from` that was dropped for `reason`. Forgets a peer that is no longer authorized. */
  turnedAway(nowMs: number, from: Address, reason: DropReason): Effect[] {
    const drop: Effect = { kind: 'dropped', reason, count: 1, peer: from }
    const isExpelled = reason === 'peer-unauthorized' && this.#admission.expel(from)
    return isExpelled ? [drop, ...this.#forget(nowMs, from)] : [drop]
  }

  /**
   * Is called before each `send` is performed. Returns `undefined` if it may be, or else the effects instead of it, because its
   * receiver is banned or not authorized. So a peer that lost its authorization is forgotten even if it sends nothing.
   */
  withheld(nowMs: number, { to }: Send): Effect[] | undefined {
    const reason = this.#admission.dropReason(nowMs, to)
    return reason === undefined ? undefined : this.turnedAway(nowMs, to, reason)
  }

  receive(nowMs: number, from: Address, message: Message): Effect[] {
    const reason = this.dropReason(nowMs, from)
    if (reason !== undefined) return this.turnedAway(nowMs, from, reason)
    return this.read(nowMs, from, message)
  }

  /** Does as {@link receive}, for a caller that has checked {@link dropReason} before. */
  read(nowMs: number, from: Address, message: Message, connection?: string): Effect[] {
    this.#admission.spoke(from, connection)
    this.#sampler.noteAlive(from)
    if (message.kind === 'view-request' || message.kind === 'view-response') {
      const view = message.view.filter(({ address }) => this.#admission.admits(nowMs, address))
      const effects = this.#sampler.receive(nowMs, from, { ...message, view })
      this.#forgive(nowMs, from, message, effects)
      return [...effects, ...this.#broadcaster.refill(nowMs, this.viewSize, this.#chooseNeighbors)]
    }
    const effects = this.#take(nowMs, from, message)
    this.#forgive(nowMs, from, message, effects)
    return this.#countViolations(nowMs, this.#spread(nowMs, oneViolation(effects), from))
  }

  /** Counts a violation of `from`, which sent bytes that are not a message. */
  malformed(nowMs: number, from: Address, connection?: string): Effect[] {
    this.#admission.spoke(from, connection)
    return this.#countViolations(nowMs, [{ kind: 'violation', peer: from, reason: 'malformed' }])
  }

  /** Receives the verdict on the update of a `validate` effect; `undefined` when there is none. */
  validated(nowMs: number, digestBytes: DigestBlock, verdict: Verdict | undefined): Effect[] {
    const effects = this.#disseminator.validated(nowMs, digestBytes, verdict)
    return this.#countViolations(nowMs, this.#spread(nowMs, effects))
  }

  /** Accepts an own update, or throws INVALID_UPDATE, UPDATE_TOO_LARGE or STORE_FULL with nothing changed. */
  submit(nowMs: number, content: Uint8Array): Submission {
    return this.#disseminator.submit(nowMs, content, (stored) =>
      this.#broadcaster.submitted(nowMs, stored, stored.key)
    )
  }

  /** Notes that a part of a message of `from` has arrived. */
  arriving(nowMs: number, from: Address): void {
    // A peer that sends is alive, even if it left requests unanswered meanwhile.
    this.#sampler.noteAlive(from)
    this.#disseminator.arriving(nowMs, from)
  }

  /** Notes that the network has taken `send`. */
  sent(nowMs: number, send: Send): void {
    this.#disseminator.sent(nowMs, send.message, send.answers)
  }

  /** Notes that the network has not taken `send`. `unreachable` is whether the cause is the peer, not the message. */
  sendFailed(nowMs: number, send: Send, unreachable: boolean): Effect[] {
    // The peer may still deliver what is pending. A request that was not sent is repeated after its timeout.
    if (!unreachable) return []
    this.#sampler.sendFailed(nowMs, send.to)
    return this.#without(nowMs, send.to)
  }

  /** Removes `peer`, whose connection is closed, from view, neighbors, trees and targets, until it sends a message again. */
  lost(nowMs: number, peer: Address): Effect[] {
    this.#sampler.lost(nowMs, peer)
    return this.#without(nowMs, peer)
  }

  /** Returns the neighbors: peers whose failure should be detected at once. */
  neighbors(nowMs: number): readonly Address[] {
    return this.#broadcaster.neighbors(nowMs)
  }

  status(nowMs: number, digestBytes: DigestBlock): UpdateStatus {
    return this.#disseminator.status(nowMs, digestBytes)
  }

  /** Returns how many active own updates no peer is known to have processed. */
  unacknowledged(nowMs: number): number {
    this.#disseminator.advance(nowMs)
    return this.#disseminator.unacknowledged
  }

  /** Returns the digests of own updates that no peer is known to have processed, oldest first. */
  unacknowledgedDigests(nowMs: number): Digest[] {
    this.#disseminator.advance(nowMs)
    return this.#disseminator.unacknowledgedDigests()
  }

  /** Starts extra rounds for the unacknowledged updates, because the node stops. */
  leave(nowMs: number): Effect[] {
    this.#disseminator.leave(nowMs)
    return this.tick(nowMs)
  }

  /** Whether the view is empty, and no contact was made that may still answer. */
  get isAlone(): boolean {
    return this.viewSize === 0 && !this.#hasContacts
  }

  get viewSize(): number {
    return this.#sampler.viewSize
  }

  peers(): Peer[] {
    return this.#sampler.peers()
  }

  /** Returns the addresses to contact after a restart. */
  knownAddresses(): Address[] {
    return this.#sampler.knownAddresses()
  }

  gauges(nowMs: number): EngineGauges {
    this.#disseminator.advance(nowMs)
    return {
      viewSize: this.viewSize,
      pastPeers: this.#sampler.pastPeers,
      bannedPeers: this.#admission.bannedPeers(nowMs),
      neighbors: this.#broadcaster.neighbors(nowMs).length,
      ...this.#disseminator.gauges()
    }
  }

  #take(
    nowMs: number,
    from: Address,
    message: Exclude<Message, ViewRequest | ViewResponse>
  ): DisseminationEffect[] {
    switch (message.kind) {
      case 'neighbor':
        this.#broadcaster.neighbor(nowMs, from)
        return []
      case 'eager-push':
        return this.#takePush(nowMs, from, message)
      case 'prune':
        this.#broadcaster.pruned(from, message.tree)
        return []
      case 'refused':
        this.#broadcaster.refused(from, message.tree, message.digests)
        return []
      case 'ihave':
        this.#broadcaster.ihave(from, message.digests)
        break
      case 'content-request':
        this.#broadcaster.fetched(from, message.digests)
        break
      default:
    }
    return this.#disseminator.receive(nowMs, from, message)
  }

  #takePush(nowMs: number, from: Address, push: EagerPush): DisseminationEffect[] {
    const pushed = this.#disseminator.pushed(nowMs, from, push)
    return [...pushed.effects, ...this.#broadcaster.pushed(nowMs, from, push.tree, pushed)]
  }

  /** Passes delivered updates to the broadcaster, which sends them to neighbors. */
  #spread<T extends { kind: string }>(
    nowMs: number,
    effects: readonly (T | Deliver)[],
    from?: Address
  ): readonly (T | Deliver)[] {
    for (const effect of effects)
      if (isDelivery(effect)) this.#broadcaster.accepted(nowMs, effect, from)
    return effects
  }

  /**
   * Reduces the penalties of a peer for a response that was requested. Other messages cost a peer nothing, so they do not
   * count.
   */
  #forgive(
    nowMs: number,
    from: Address,
    { kind }: Message,
    effects: readonly { kind: string; reason?: string }[]
  ): void {
    // A push does not count: any peer can push worthless contents that are new.
    if (!isResponse(kind)) return
    if (effects.some((each) => each.kind === 'violation' || each.reason === 'unsolicited')) return
    const isUseful = effects.some((each) => each.kind === 'deliver')
    this.#admission.forgive(nowMs, from, isUseful)
  }

  /** Counts violations. A peer with too many is forgotten, and what was pending from it is requested from others. */
  #countViolations(
    nowMs: number,
    found: readonly (Exclude<Effect, ViolationEvent> | Violation)[]
  ): Effect[] {
    const effects: Effect[] = []
    for (const effect of found) {
      if (effect.kind !== 'violation') {
        effects.push(effect)
        continue
      }
      const { peer, reason } = effect
      // A banned peer is not penalized again: verdicts on its earlier updates may come after the ban.
      if (this.#admission.dropReason(nowMs, peer) === 'peer-banned') continue
      const { bannedMs, connection } = this.#admission.penalize(nowMs, peer, reason)
      const closed = connection === undefined ? {} : { connection }
      effects.push({ kind: 'violation', peer, reason, bannedMs, ...closed })
      if (bannedMs > 0) effects.push(...this.#forget(nowMs, peer))
    }
    return effects
  }

  /** Removes `peer` from view, neighbors, trees and targets; requests from others what was pending from it. */
  #forget(nowMs: number, peer: Address): Effect[] {
    this.#sampler.forget(peer)
    return this.#without(nowMs, peer)
  }

  /** Removes `peer` from neighbors and trees; requests from others what was pending from it. */
  #without(nowMs: number, peer: Address): Effect[] {
    this.#broadcaster.forget(peer)
    return this.#countViolations(nowMs, this.#disseminator.sendFailed(nowMs, peer))
  }
}

function isDelivery(effect: { kind: string }): effect is Deliver {
  return effect.kind === 'deliver'
}
