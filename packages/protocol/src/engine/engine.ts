/**
 * The whole protocol of one node as a pure state machine: inputs and a time go in, effects come out.
 *
 * Synchronous, without clock, timers or dice of its own: a socket and a simulator drive the same object. One call
 * settles all state before any effect is performed. Call `tick` at `deadlineMs`; early is harmless, late fires once.
 */

import { Broadcaster } from '../broadcast/broadcaster.ts'
import { NO_BROADCAST } from '../broadcast/config.ts'
import { Disseminator } from '../dissemination/disseminator.ts'
import { oneOffence, type Outcome } from '../dissemination/outcome.ts'
import type { DropReason } from '../drop.ts'
import { isAnswer, type ContentPush, type Message, type Send, type SetMessage } from '../message.ts'
import type { Misbehaved, Offence } from '../offence.ts'
import type { Address, Peer } from '../peer.ts'
import { PeerSampler } from '../sampling/peer-sampler.ts'
import { DEFAULT_STANDING } from '../standing/config.ts'
import { Gate } from '../standing/gate.ts'
import type { Deliver, Digest, DigestBlock, Submission, UpdateStatus } from '../update.ts'
import type { Verdict } from '../verdict.ts'
import type { Effect } from './effect.ts'
import type { EngineGauges, EngineOptions } from './engine-options.ts'

/** How many unauthorized peers are remembered as forgotten already; beyond it they are forgotten once more, which harms nothing. */
const MAX_EXPELLED = 1024

export class Engine {
  readonly #self: Address
  readonly #sampler: PeerSampler
  readonly #disseminator: Disseminator
  readonly #broadcaster: Broadcaster
  readonly #gate: Gate
  /** Those turned away as unauthorized of which nothing is left here. */
  readonly #expelled = new Set<Address>()
  /** Whether any peers were ever named: the last to be asked may still answer. */
  #hasContacts = false
  readonly #chooseTargets = (count: number): readonly Address[] => this.#sampler.targets(count)
  readonly #chooseNeighbours = (count: number): readonly Address[] =>
    this.#sampler.neighbours(count)

  constructor(options: EngineOptions) {
    const { self, sampling, dissemination, digest, rng, nowMs, validates = false } = options
    this.#self = self
    this.#gate = new Gate(options.standing ?? DEFAULT_STANDING, options.authorize)
    this.#sampler = new PeerSampler(self, sampling, rng.fork(), nowMs)
    this.#disseminator = new Disseminator(
      dissemination,
      digest,
      rng.fork(),
      nowMs,
      validates,
      options.journal,
      options.label
    )
    this.#broadcaster = new Broadcaster(
      self,
      options.broadcast ?? NO_BROADCAST,
      dissemination,
      rng.fork(),
      nowMs
    )
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
      (address) => address !== this.#self && this.#admits(nowMs, address)
    )
    if (contacts.length > 0) this.#hasContacts = true
    return this.#sampler.join(nowMs, contacts, named)
  }

  tick(nowMs: number): Effect[] {
    const sends = this.#sampler.tick(nowMs)
    const gone = this.#sampler.takeGone()
    for (const peer of gone) this.#broadcaster.forget(peer)
    const neighbours = (): readonly Address[] => this.#broadcaster.neighbourAddresses(nowMs)
    const outcomes = this.#disseminator.tick(nowMs, this.#chooseTargets, neighbours)
    return [
      ...gone.map((peer): Effect => ({ kind: 'unanswered', peer })),
      ...sends,
      ...this.#judge(nowMs, outcomes),
      ...this.#broadcaster.tick(nowMs, this.viewSize, this.#chooseNeighbours)
    ]
  }

  /** Why messages of `from` are not to be read: worth knowing before they are decoded. */
  turnsAway(nowMs: number, from: Address): DropReason | undefined {
    return from === this.#self ? 'unasked' : this.#gate.turnsAway(from, nowMs)
  }

  /** A message of `from` was turned away for `reason`, unread. Who is no longer authorized is forgotten. */
  turnedAway(nowMs: number, from: Address, reason: DropReason): Effect[] {
    const drop: Effect = { kind: 'drop', reason, count: 1, peer: from }
    return [drop, ...(reason === 'unauthorized' ? this.#expel(nowMs, from) : [])]
  }

  /**
   * Asked before each `send` is performed: `undefined` when it may be, else what happens instead, because its receiver is
   * turned away. Members that are removed leave so, too, though they say nothing.
   */
  withheld(nowMs: number, { to }: Send): Effect[] | undefined {
    const reason = this.#gate.turnsAway(to, nowMs)
    return reason === undefined ? undefined : this.turnedAway(nowMs, to, reason)
  }

  receive(nowMs: number, from: Address, message: Message): Effect[] {
    const reason = this.turnsAway(nowMs, from)
    return reason === undefined
      ? this.read(nowMs, from, message)
      : this.turnedAway(nowMs, from, reason)
  }

  /** As {@link receive}, for who has asked {@link turnsAway} before. */
  read(nowMs: number, from: Address, message: Message, connection?: string): Effect[] {
    this.#gate.spoke(from, connection)
    if (this.#expelled.size > 0) this.#expelled.delete(from)
    this.#sampler.heard(from)
    if (message.kind === 'view-request' || message.kind === 'view-response') {
      const view = message.view.filter(({ address }) => this.#admits(nowMs, address))
      const effects = this.#sampler.receive(nowMs, from, { ...message, view })
      this.#forgive(nowMs, from, message, effects)
      return [...effects, ...this.#broadcaster.look(nowMs, this.viewSize, this.#chooseNeighbours)]
    }
    if (message.kind === 'prune') {
      this.#broadcaster.pruned(from, message.tree)
      return []
    }
    if (message.kind === 'refused') {
      this.#broadcaster.refused(from, message.tree, message.digests)
      return []
    }
    const outcomes =
      message.kind === 'content-push'
        ? this.#takePush(nowMs, from, message)
        : this.#take(nowMs, from, message)
    this.#forgive(nowMs, from, message, outcomes)
    return this.#judge(nowMs, this.#announce(nowMs, oneOffence(outcomes), from))
  }

  /** `from` sent what is no message. */
  malformed(nowMs: number, from: Address, connection?: string): Effect[] {
    this.#gate.spoke(from, connection)
    return this.#judge(nowMs, [{ kind: 'offence', peer: from, reason: 'malformed' }])
  }

  /** The verdict on an update that a `validate` effect asked about; `undefined` when there is none. */
  validated(nowMs: number, digestBytes: DigestBlock, verdict: Verdict | undefined): Effect[] {
    return this.#judge(
      nowMs,
      this.#announce(nowMs, this.#disseminator.validated(nowMs, digestBytes, verdict))
    )
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

  /** The connection to `peer` is gone: out of view, neighbours, trees and targets, until it is heard again. */
  lost(nowMs: number, peer: Address): Effect[] {
    this.#sampler.lost(nowMs, peer)
    return this.#without(nowMs, peer)
  }

  /** Those whose silence is to be noticed at once. */
  neighbours(nowMs: number): readonly Address[] {
    return this.#broadcaster.neighbourAddresses(nowMs)
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
      ignoredPeers: this.#gate.ignoredPeers(nowMs),
      neighbours: this.#broadcaster.neighbours(nowMs),
      ...this.#disseminator.gauges()
    }
  }

  #take(nowMs: number, from: Address, message: SetMessage): Outcome[] {
    if (message.kind === 'announcement') this.#broadcaster.announced(nowMs, from, message.digests)
    if (message.kind === 'content-request') this.#broadcaster.fetched(from, message.digests)
    return this.#disseminator.receive(nowMs, from, message)
  }

  #takePush(nowMs: number, from: Address, push: ContentPush): Outcome[] {
    const pushed = this.#disseminator.pushed(nowMs, from, push)
    return [...pushed.outcomes, ...this.#broadcaster.pushed(nowMs, from, push.tree, pushed)]
  }

  /** What is delivered here is news to the neighbours. */
  #announce<T extends { kind: string }>(
    nowMs: number,
    outcomes: readonly (T | Deliver)[],
    from?: Address
  ): readonly (T | Deliver)[] {
    for (const outcome of outcomes) {
      if (!isDelivery(outcome)) continue
      this.#broadcaster.accepted(nowMs, outcome, from)
    }
    return outcomes
  }

  /** Makes up for offences: by what was asked for, because anything else costs a peer nothing to send. */
  #forgive(
    nowMs: number,
    from: Address,
    { kind }: Message,
    outcomes: readonly { kind: string; reason?: string }[]
  ): void {
    // What is pushed was not wanted before it came: anybody can push noise that is new.
    if (!isAnswer(kind)) return
    if (outcomes.some((each) => each.kind === 'offence' || each.reason === 'unasked')) return
    const isUseful = outcomes.some((each) => each.kind === 'deliver')
    this.#gate.forgive(from, isUseful, nowMs)
  }

  /** Counts offences; who has committed too many leaves the view, and others are asked for what it owed. */
  #judge(nowMs: number, outcomes: readonly (Exclude<Effect, Misbehaved> | Offence)[]): Effect[] {
    const effects: Effect[] = []
    for (const outcome of outcomes) {
      if (outcome.kind !== 'offence') {
        effects.push(outcome)
        continue
      }
      const { peer, reason } = outcome
      // What came before a ban is judged with it: of a validator's verdicts, some come later.
      if (this.#gate.turnsAway(peer, nowMs) === 'ignored') continue
      const { ignoredMs, connection } = this.#gate.strike(peer, reason, nowMs)
      const closed = connection === undefined ? {} : { connection }
      effects.push({ kind: 'misbehaved', peer, reason, ignoredMs, ...closed })
      if (ignoredMs > 0) effects.push(...this.#forget(nowMs, peer))
    }
    return effects
  }

  /** Whether an address that others name may come in. */
  #admits(nowMs: number, peer: Address): boolean {
    if (this.#gate.turnsAway(peer, nowMs) !== undefined) return false
    if (this.#expelled.size > 0) this.#expelled.delete(peer)
    return true
  }

  /** Once for each peer that lost its authorization: what it says after that brings it back nowhere. */
  #expel(nowMs: number, peer: Address): Effect[] {
    if (this.#expelled.has(peer)) return []
    if (this.#expelled.size >= MAX_EXPELLED) this.#expelled.clear()
    this.#expelled.add(peer)
    return this.#forget(nowMs, peer)
  }

  /** Out of view, neighbours, trees and targets; others are asked for what it owed. */
  #forget(nowMs: number, peer: Address): Effect[] {
    this.#sampler.forget(peer)
    return this.#without(nowMs, peer)
  }

  /** Out of neighbours and trees; others are asked for what it owed. */
  #without(nowMs: number, peer: Address): Effect[] {
    this.#broadcaster.forget(peer)
    return this.#judge(nowMs, this.#disseminator.sendFailed(nowMs, peer))
  }
}

function isDelivery(outcome: { kind: string }): outcome is Deliver {
  return outcome.kind === 'deliver'
}
