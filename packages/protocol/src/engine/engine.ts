/**
 * The whole protocol of one node as a pure state machine: inputs and a time go in, effects come out.
 *
 * Synchronous, without clock, timers or dice of its own: a socket and a simulator drive the same object. One call
 * settles all state before any effect is performed. Call `tick` at `deadlineMs`; early is harmless, late fires once.
 */
import type { DisseminationConfig } from '../dissemination/config.ts'
import { Disseminator } from '../dissemination/disseminator.ts'
import type { Message, Send } from '../message.ts'
import type { Address, Peer } from '../peer.ts'
import type { Rng } from '../random.ts'
import type { SamplingConfig } from '../sampling/config.ts'
import { PeerSampler } from '../sampling/peer-sampler.ts'
import type { DigestBlock, DigestFunction, Submission, UpdateStatus } from '../update.ts'
import type { Effect } from './effect.ts'

export interface EngineOptions {
  /** Where others reach this node. Never enters its own view. */
  readonly self: Address
  readonly sampling: SamplingConfig
  readonly dissemination: DisseminationConfig
  readonly digest: DigestFunction
  readonly rng: Rng
  readonly nowMs: number
}

/** What the engine holds, in numbers. */
export interface EngineGauges {
  /** Entries in the view, at most `sampling.viewSize`. */
  readonly viewSize: number
  /** Peers that were dropped as unreachable and are tried again now and then. */
  readonly pastPeers: number
  /** Updates that are active, and the bytes of their contents. */
  readonly activeUpdates: number
  readonly activeBytes: number
  /** Expired updates that are still handed to peers to whom they were offered. */
  readonly lingeringUpdates: number
  /** Digests of expired updates, remembered so that they are not accepted again. */
  readonly rememberedDigests: number
  /** Contents asked for and awaited. */
  readonly pendingRequests: number
}

export class Engine {
  readonly #self: Address
  readonly #sampler: PeerSampler
  readonly #disseminator: Disseminator

  constructor({ self, sampling, dissemination, digest, rng, nowMs }: EngineOptions) {
    this.#self = self
    this.#sampler = new PeerSampler(self, sampling, rng.fork(), nowMs)
    this.#disseminator = new Disseminator(dissemination, digest, rng.fork(), nowMs)
  }

  /** When `tick` is to be called next, in the milliseconds of `nowMs`. */
  get deadlineMs(): number {
    return Math.min(this.#sampler.dueMs, this.#disseminator.dueMs)
  }

  /** How many more updates the handler can take; the driver keeps it true. Nothing beyond it is fetched. */
  set room(updates: number) {
    this.#disseminator.room = updates
  }

  /** First contacts. Addresses already in the view, and our own, are passed over. */
  join(addresses: readonly Address[]): Effect[] {
    return this.#sampler.join(addresses)
  }

  tick(nowMs: number): Effect[] {
    return [
      ...this.#sampler.tick(nowMs),
      ...this.#disseminator.tick(nowMs, (count) => this.#sampler.targets(count))
    ]
  }

  receive(nowMs: number, from: Address, message: Message): Effect[] {
    if (from === this.#self) return [{ kind: 'drop', reason: 'unasked', count: 1, peer: from }]
    this.#sampler.heard(from)
    if (message.kind === 'view-request' || message.kind === 'view-response') {
      return this.#sampler.receive(nowMs, from, message)
    }
    return this.#disseminator.receive(nowMs, from, message)
  }

  /** Accepts an update of our own, or throws INVALID_UPDATE, UPDATE_TOO_LARGE or STORE_FULL with nothing changed. */
  submit(nowMs: number, content: Uint8Array): Submission {
    return this.#disseminator.submit(nowMs, content)
  }

  /** The network has taken `send`. */
  sent(nowMs: number, send: Send): void {
    this.#disseminator.sent(nowMs, send.message)
  }

  /** The network has not taken `send`; `unreachable` when that speaks against the peer, not against the message. */
  sendFailed(nowMs: number, send: Send, unreachable: boolean): Effect[] {
    if (unreachable) this.#sampler.sendFailed(nowMs, send.to)
    return this.#disseminator.sendFailed(nowMs, send.to)
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

  gauges(nowMs: number): EngineGauges {
    this.#disseminator.advance(nowMs)
    return { viewSize: this.viewSize, pastPeers: this.#sampler.pastPeers, ...this.#disseminator.gauges() }
  }
}
