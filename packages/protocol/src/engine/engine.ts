import { Broadcaster } from '../broadcast/broadcaster.ts'
import { NO_BROADCAST, type BroadcastConfig } from '../broadcast/config.ts'
/**
 * The whole protocol of one node as a pure state machine: inputs and a time go in, effects come out.
 *
 * Synchronous, without clock, timers or dice of its own: a socket and a simulator drive the same object. One call
 * settles all state before any effect is performed. Call `tick` at `deadlineMs`; early is harmless, late fires once.
 */
import type { DisseminationConfig } from '../dissemination/config.ts'
import { Disseminator } from '../dissemination/disseminator.ts'
import type { DisseminationGauges } from '../dissemination/gauges.ts'
import type { Outcome } from '../dissemination/outcome.ts'
import type { DropReason } from '../drop.ts'
import type { Journal } from '../journal.ts'
import type { ContentPush, Message, Send } from '../message.ts'
import type { Misbehaved, Offence } from '../offence.ts'
import type { Address, Peer } from '../peer.ts'
import type { Rng } from '../random.ts'
import type { SamplingConfig } from '../sampling/config.ts'
import { PeerSampler } from '../sampling/peer-sampler.ts'
import { DEFAULT_STANDING, type StandingConfig } from '../standing/config.ts'
import { Gate } from '../standing/gate.ts'
import type { Deliver, DigestBlock, DigestFunction, Submission, UpdateStatus } from '../update.ts'
import type { Verdict } from '../verdict.ts'
import type { Effect } from './effect.ts'

export interface EngineOptions {
  /** Where others reach this node. Never enters its own view. */
  readonly self: Address
  readonly sampling: SamplingConfig
  readonly dissemination: DisseminationConfig
  /** Default: off, only rounds spread. */
  readonly broadcast?: BroadcastConfig
  readonly standing?: StandingConfig
  /** Whether contents of others are judged, by a `validate` effect, before they are stored. Default: no. */
  readonly validates?: boolean
  /** Which addresses belong to the group; asked for every one that is heard of. Quick, and the same answer each time. */
  readonly authorize?: (peer: Address) => boolean
  readonly digest: DigestFunction
  /** What tells this group from others. Default: nothing. */
  readonly label?: string
  readonly rng: Rng
  readonly nowMs: number
  /** Restores an earlier life, and takes down every change for the next. Default: memory only. */
  readonly journal?: Journal | undefined
}

/** What the engine holds, in numbers. */
export interface EngineGauges extends DisseminationGauges {
  /** Entries in the view, at most `sampling.viewSize`. */
  readonly viewSize: number
  /** Peers that were dropped as unreachable and are tried again now and then. */
  readonly pastPeers: number
  /** Peers with whom news is shared at once. */
  readonly neighbours: number
  /** Peers that are ignored because they misbehaved. */
  readonly ignoredPeers: number
}

export class Engine {
  readonly #self: Address
  readonly #sampler: PeerSampler
  readonly #disseminator: Disseminator
  readonly #broadcaster: Broadcaster
  readonly #gate: Gate
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
    return this.#sampler.join(
      addresses.filter((address) => this.#gate.turnsAway(address, nowMs) === undefined),
      named
    )
  }

  tick(nowMs: number): Effect[] {
    return [
      ...this.#sampler.tick(nowMs),
      ...this.#judge(nowMs, this.#disseminator.tick(nowMs, this.#chooseTargets)),
      ...this.#broadcaster.tick(nowMs, this.viewSize, this.#chooseNeighbours)
    ]
  }

  /** Why messages of `from` are not to be read: worth knowing before they are decoded. */
  turnsAway(nowMs: number, from: Address): DropReason | undefined {
    return from === this.#self ? 'unasked' : this.#gate.turnsAway(from, nowMs)
  }

  receive(nowMs: number, from: Address, message: Message): Effect[] {
    const reason = this.turnsAway(nowMs, from)
    if (reason !== undefined) return [{ kind: 'drop', reason, count: 1, peer: from }]
    this.#sampler.heard(from)
    if (message.kind === 'view-request' || message.kind === 'view-response') {
      this.#gate.forgive(from, false, nowMs)
      const view = message.view.filter(
        ({ address }) => this.#gate.turnsAway(address, nowMs) === undefined
      )
      const effects = this.#sampler.receive(nowMs, from, { ...message, view })
      return [...effects, ...this.#broadcaster.look(nowMs, this.viewSize, this.#chooseNeighbours)]
    }
    if (message.kind === 'prune') {
      this.#broadcaster.pruned(from, message.tree)
      return []
    }
    const outcomes =
      message.kind === 'content-push'
        ? this.#takePush(nowMs, from, message)
        : this.#take(nowMs, from, message)
    if (outcomes.every(({ kind }) => kind !== 'offence')) {
      this.#gate.forgive(
        from,
        outcomes.some(({ kind }) => kind === 'deliver'),
        nowMs
      )
    }
    return this.#judge(nowMs, this.#announce(nowMs, outcomes, from))
  }

  /** `from` sent what is no message. */
  malformed(nowMs: number, from: Address): Effect[] {
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

  /** The network has taken `send`. */
  sent(nowMs: number, send: Send): void {
    this.#disseminator.sent(nowMs, send.message)
  }

  /** The network has not taken `send`; `unreachable` when that speaks against the peer, not against the message. */
  sendFailed(nowMs: number, send: Send, unreachable: boolean): Effect[] {
    if (unreachable) this.#sampler.sendFailed(nowMs, send.to)
    if (unreachable) this.#broadcaster.forget(send.to)
    return this.#judge(nowMs, this.#disseminator.sendFailed(nowMs, send.to))
  }

  status(nowMs: number, digestBytes: DigestBlock): UpdateStatus {
    return this.#disseminator.status(nowMs, digestBytes)
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

  #take(nowMs: number, from: Address, message: Parameters<Disseminator['receive']>[2]): Outcome[] {
    if (message.kind === 'announcement') this.#broadcaster.announced(nowMs, from, message.digests)
    if (message.kind === 'content-request') this.#broadcaster.fetched(from, message.digests)
    return this.#disseminator.receive(nowMs, from, message)
  }

  #takePush(nowMs: number, from: Address, push: ContentPush): Outcome[] {
    const { outcomes, taken, known } = this.#disseminator.pushed(nowMs, from, push)
    return [...outcomes, ...this.#broadcaster.pushed(nowMs, from, push.tree, taken, known)]
  }

  /** What is delivered here is news to the neighbours. */
  #announce<T extends { kind: string }>(
    nowMs: number,
    outcomes: readonly (T | Deliver)[],
    from?: Address
  ): readonly (T | Deliver)[] {
    for (const outcome of outcomes) {
      if (!isDelivery(outcome)) continue
      this.#broadcaster.accepted(nowMs, outcome.update, outcome.key, from)
    }
    return outcomes
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
      const ignoredMs = this.#gate.strike(peer, nowMs)
      effects.push({ kind: 'misbehaved', peer, reason, ignoredMs })
      if (ignoredMs === 0) continue
      this.#sampler.forget(peer)
      this.#broadcaster.forget(peer)
      effects.push(...this.#judge(nowMs, this.#disseminator.sendFailed(nowMs, peer)))
    }
    return effects
  }
}

function isDelivery(outcome: { kind: string }): outcome is Deliver {
  return outcome.kind === 'deliver'
}
