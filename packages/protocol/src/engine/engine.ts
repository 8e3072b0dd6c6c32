/**
 * The whole protocol of one node as a pure state machine: inputs and a time go in, effects come out.
 *
 * Synchronous, without clock, timers or rng of its own: a socket and a simulator drive the same object. One call
 * settles all state before any effect is performed. Call `tick` at `deadlineMs`; early is harmless, late fires once.
 */

import { Broadcaster } from '../broadcast/broadcaster.ts'
import { NO_BROADCAST } from '../broadcast/config.ts'
import { Disseminator } from '../dissemination/disseminator.ts'
import { oneViolation, type Outcome } from '../dissemination/outcome.ts'
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
  /** Whether any peers were ever named: the last to be asked may still answer. */
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

  /** When `tick` is to be called next, in the milliseconds of `nowMs`. */
  get deadlineMs(): number {
    return Math.min(this.#sampler.dueMs, this.#disseminator.dueMs, this.#broadcaster.dueMs)
  }

  /** How many more updates the handler can take; the driver keeps it true. Nothing beyond it is fetched. */
  set room(updates: number) {
    this.#disseminator.room = updates
  }

  /**
   * First contacts, of which a peer source `named` some (default: all). Addresses already in the view, our own, and those
   * turned away are passed over.
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
    const outcomes = this.#disseminator.tick(nowMs, this.#chooseTargets, neighbors)
    return [
      ...gone.map((peer): Effect => ({ kind: 'unanswered', peer })),
      ...sends,
      ...this.#countViolations(nowMs, outcomes),
      ...this.#broadcaster.tick(nowMs, this.viewSize, this.#chooseNeighbors)
    ]
  }

  /** Why messages of `from` are not to be read: worth knowing before they are decoded. */
  dropReason(nowMs: number, from: Address): DropReason | undefined {
    return from === this.#self ? 'unsolicited' : this.#admission.dropReason(nowMs, from)
  }

  /** A message of `from` was turned away for `reason`, unread. Who is no longer authorized is forgotten. */
  turnedAway(nowMs: number, from: Address, reason: DropReason): Effect[] {
    const drop: Effect = { kind: 'dropped', reason, count: 1, peer: from }
    const isExpelled = reason === 'peer-unauthorized' && this.#admission.expel(from)
    return isExpelled ? [drop, ...this.#forget(nowMs, from)] : [drop]
  }

  /**
   * Asked before each `send` is performed: `undefined` when it may be, else what happens instead, because its receiver is
   * turned away. Members that are removed leave so, too, though they say nothing.
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

  /** As {@link receive}, for who has asked {@link dropReason} before. */
  read(nowMs: number, from: Address, message: Message, connection?: string): Effect[] {
    this.#admission.spoke(from, connection)
    this.#sampler.heard(from)
    if (message.kind === 'view-request' || message.kind === 'view-response') {
      const view = message.view.filter(({ address }) => this.#admission.admits(nowMs, address))
      const effects = this.#sampler.receive(nowMs, from, { ...message, view })
      this.#forgive(nowMs, from, message, effects)
      return [...effects, ...this.#broadcaster.refill(nowMs, this.viewSize, this.#chooseNeighbors)]
    }
    const outcomes = this.#take(nowMs, from, message)
    this.#forgive(nowMs, from, message, outcomes)
    return this.#countViolations(nowMs, this.#spread(nowMs, oneViolation(outcomes), from))
  }

  /** `from` sent what is no message. */
  malformed(nowMs: number, from: Address, connection?: string): Effect[] {
    this.#admission.spoke(from, connection)
    return this.#countViolations(nowMs, [{ kind: 'violation', peer: from, reason: 'malformed' }])
  }

  /** The verdict on an update that a `validate` effect asked about; `undefined` when there is none. */
  validated(nowMs: number, digestBytes: DigestBlock, verdict: Verdict | undefined): Effect[] {
    const outcomes = this.#disseminator.validated(nowMs, digestBytes, verdict)
    return this.#countViolations(nowMs, this.#spread(nowMs, outcomes))
  }

  /** Accepts an update of our own, or throws INVALID_UPDATE, UPDATE_TOO_LARGE or STORE_FULL with nothing changed. */
  submit(nowMs: number, content: Uint8Array): Submission {
    return this.#disseminator.submit(nowMs, content, (stored) =>
      this.#broadcaster.submitted(nowMs, stored, stored.key)
    )
  }

  /** A part of a message of `from` has come. */
  arriving(nowMs: number, from: Address): void {
    // Who sends is there, whatever it left unanswered meanwhile.
    this.#sampler.heard(from)
    this.#disseminator.arriving(nowMs, from)
  }

  /** The network has taken `send`. */
  sent(nowMs: number, send: Send): void {
    this.#disseminator.sent(nowMs, send.message, send.answers)
  }

  /** The network has not taken `send`; `unreachable` when that speaks against the peer, not against the message. */
  sendFailed(nowMs: number, send: Send, unreachable: boolean): Effect[] {
    // What it owes, it may still bring; a request that was not sent goes again when its time is over.
    if (!unreachable) return []
    this.#sampler.sendFailed(nowMs, send.to)
    return this.#without(nowMs, send.to)
  }

  /** The connection to `peer` is gone: out of view, neighbors, trees and targets, until it is heard again. */
  lost(nowMs: number, peer: Address): Effect[] {
    this.#sampler.lost(nowMs, peer)
    return this.#without(nowMs, peer)
  }

  /** Those whose silence is to be noticed at once. */
  neighbors(nowMs: number): readonly Address[] {
    return this.#broadcaster.neighbors(nowMs)
  }

  status(nowMs: number, digestBytes: DigestBlock): UpdateStatus {
    return this.#disseminator.status(nowMs, digestBytes)
  }

  /** How many own updates no peer is known to have processed. They are active still. */
  unacknowledged(nowMs: number): number {
    this.#disseminator.advance(nowMs)
    return this.#disseminator.unacknowledged
  }

  /** The digests of own updates that no peer is known to have processed, oldest first. */
  unacknowledgedDigests(nowMs: number): Digest[] {
    this.#disseminator.advance(nowMs)
    return this.#disseminator.unacknowledgedDigests()
  }

  /** Begins to seek peers for the unacknowledged updates, before the node stops: extra rounds come at once. */
  leave(nowMs: number): Effect[] {
    this.#disseminator.leave(nowMs)
    return this.tick(nowMs)
  }

  /** Whether nobody is in the view, and no contact is asked that might come into it. */
  get isAlone(): boolean {
    return this.viewSize === 0 && !this.#hasContacts
  }

  get viewSize(): number {
    return this.#sampler.viewSize
  }

  peers(): Peer[] {
    return this.#sampler.peers()
  }

  /** Everybody worth asking after a restart. */
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
  ): Outcome[] {
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

  #takePush(nowMs: number, from: Address, push: EagerPush): Outcome[] {
    const pushed = this.#disseminator.pushed(nowMs, from, push)
    return [...pushed.outcomes, ...this.#broadcaster.pushed(nowMs, from, push.tree, pushed)]
  }

  /** Spreads to the neighbors what is delivered here. */
  #spread<T extends { kind: string }>(
    nowMs: number,
    outcomes: readonly (T | Deliver)[],
    from?: Address
  ): readonly (T | Deliver)[] {
    for (const outcome of outcomes)
      if (isDelivery(outcome)) this.#broadcaster.accepted(nowMs, outcome, from)
    return outcomes
  }

  /** Makes up for violations: by what was asked for, because anything else costs a peer nothing to send. */
  #forgive(
    nowMs: number,
    from: Address,
    { kind }: Message,
    outcomes: readonly { kind: string; reason?: string }[]
  ): void {
    // What is pushed was not wanted before it came: anybody can push noise that is new.
    if (!isResponse(kind)) return
    if (outcomes.some((each) => each.kind === 'violation' || each.reason === 'unsolicited')) return
    const isUseful = outcomes.some((each) => each.kind === 'deliver')
    this.#admission.forgive(nowMs, from, isUseful)
  }

  /** Counts violations; who has committed too many leaves the view, and others are asked for what it owed. */
  #countViolations(
    nowMs: number,
    outcomes: readonly (Exclude<Effect, ViolationEvent> | Violation)[]
  ): Effect[] {
    const effects: Effect[] = []
    for (const outcome of outcomes) {
      if (outcome.kind !== 'violation') {
        effects.push(outcome)
        continue
      }
      const { peer, reason } = outcome
      // What came before a ban is judged with it: of a validator's verdicts, some come later.
      if (this.#admission.dropReason(nowMs, peer) === 'peer-banned') continue
      const { bannedMs, connection } = this.#admission.penalize(nowMs, peer, reason)
      const closed = connection === undefined ? {} : { connection }
      effects.push({ kind: 'violation', peer, reason, bannedMs, ...closed })
      if (bannedMs > 0) effects.push(...this.#forget(nowMs, peer))
    }
    return effects
  }

  /** Out of view, neighbors, trees and targets; others are asked for what it owed. */
  #forget(nowMs: number, peer: Address): Effect[] {
    this.#sampler.forget(peer)
    return this.#without(nowMs, peer)
  }

  /** Out of neighbors and trees; others are asked for what it owed. */
  #without(nowMs: number, peer: Address): Effect[] {
    this.#broadcaster.forget(peer)
    return this.#countViolations(nowMs, this.#disseminator.sendFailed(nowMs, peer))
  }
}

function isDelivery(outcome: { kind: string }): outcome is Deliver {
  return outcome.kind === 'deliver'
}
