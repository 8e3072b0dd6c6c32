/** The parts of an engine, which other folders leave alone, and what can be asked of them. */

import { AntiEntropy } from '../anti-entropy/anti-entropy.ts'
import { Broadcaster } from '../broadcast/broadcaster.ts'
import { NO_BROADCAST } from '../broadcast/config.ts'
import { Fetcher } from '../fetch/fetcher.ts'
import { MAX_TIMEOUTS } from '../fetch/path-estimate.ts'
import { Admission } from '../membership/admission.ts'
import { PeerSampler } from '../membership/peer-sampler.ts'
import { DEFAULT_REPUTATION } from '../membership/reputation-config.ts'
import type { FamilyEffect } from '../model/effect.ts'
import type { Address, Peer } from '../model/peer.ts'
import type { DigestKey, HashFunction, UpdateStatus } from '../model/update.ts'
import { Unacknowledged } from '../store/unacknowledged.ts'
import { UpdateStore } from '../store/update-store.ts'
import type { EngineGauges, EngineOptions } from './engine-options.ts'
import { Reputation } from './reputation.ts'

export class EngineState {
  /** Which peers are turned away. */
  readonly reputation: Reputation
  readonly self: Address
  readonly contentRules: { readonly hash: HashFunction; readonly maxContentBytes: number }
  readonly admission: Admission
  readonly sampler: PeerSampler
  readonly store: UpdateStore
  readonly ownUpdates: Unacknowledged
  readonly fetcher: Fetcher
  readonly antiEntropy: AntiEntropy
  readonly broadcaster: Broadcaster
  /** Whether a contact was ever made that may still answer. */
  protected hasContacts = false
  readonly chooseTargets = (count: number): readonly Address[] => this.sampler.targets(count)
  readonly chooseNeighbors = (count: number): readonly Address[] => this.sampler.neighbors(count)

  constructor(options: EngineOptions) {
    const { self, membership, hash, rng, nowMs, validates = false, label = '' } = options
    const { freeSlots = () => Infinity } = options
    const config = { ...options.store, ...options.fetch, ...options.antiEntropy }
    this.self = self
    this.contentRules = { hash, maxContentBytes: config.maxContentBytes }
    this.admission = new Admission(options.reputation ?? DEFAULT_REPUTATION, options.authorize)
    this.reputation = new Reputation(self, this.admission, (now, peer) => {
      this.sampler.forget(peer)
      return this.without(now, peer)
    })
    this.sampler = new PeerSampler(self, membership, rng.fork(), nowMs)
    // The longest time that a request may wait for its answer.
    const graceMs = MAX_TIMEOUTS * config.requestTimeoutMs
    this.store = new UpdateStore(config.expiration, { ...config, graceMs }, options.journal)
    this.ownUpdates = new Unacknowledged(config.expiration.mode === 'pushCount')
    const { store, ownUpdates: unacknowledged } = this
    this.store.watch(unacknowledged)
    this.fetcher = new Fetcher({ config, hash, store, unacknowledged, validates, freeSlots })
    this.antiEntropy = new AntiEntropy({
      config,
      store,
      unacknowledged,
      offers: this.fetcher,
      hash,
      label,
      rng: rng.fork(),
      nowMs
    })
    const { broadcast = NO_BROADCAST } = options
    this.broadcaster = new Broadcaster(self, broadcast, config, rng.fork(), nowMs)
  }

  /** When `tick` must be called next, on the same clock as `nowMs`. */
  get deadlineMs(): number {
    const { sampler, fetcher, antiEntropy, broadcaster } = this
    return Math.min(sampler.dueMs, fetcher.dueMs, antiEntropy.dueMs, broadcaster.dueMs)
  }

  /** Returns the neighbors: peers whose failure should be detected at once. */
  neighbors(nowMs: number): readonly Address[] {
    return this.broadcaster.neighbors(nowMs)
  }

  status(nowMs: number, key: DigestKey): UpdateStatus {
    this.store.advance(nowMs)
    return this.store.status(key)
  }

  /** Returns how many active own updates no peer is known to have processed. */
  unacknowledged(nowMs: number): number {
    this.store.advance(nowMs)
    return this.ownUpdates.count
  }

  /** Returns the own updates that no peer is known to have processed, oldest first: unreported expired ones, and active ones. */
  unacknowledgedKeys(nowMs: number): DigestKey[] {
    this.store.advance(nowMs)
    const ended = this.ownUpdates.takeEnded().flatMap(({ keys = [] }) => keys)
    return [...ended, ...this.ownUpdates.keys()]
  }

  /** Whether the view is empty, and no contact was made that may still answer. */
  get isAlone(): boolean {
    return this.viewSize === 0 && !this.hasContacts
  }

  get viewSize(): number {
    return this.sampler.viewSize
  }

  peers(): Peer[] {
    return this.sampler.peers()
  }

  /** Returns the addresses to contact after a restart. */
  knownAddresses(): Address[] {
    return this.sampler.knownAddresses()
  }

  gauges(nowMs: number): EngineGauges {
    this.store.advance(nowMs)
    return {
      viewSize: this.viewSize,
      pastPeers: this.sampler.pastPeers,
      bannedPeers: this.admission.bannedPeers(nowMs),
      neighbors: this.broadcaster.neighbors(nowMs).length,
      ...this.store.gauges(),
      ...this.fetcher.gauges()
    }
  }

  /** Removes `peer` from neighbors and trees; requests from others what was pending from it. */
  protected without(nowMs: number, peer: Address): FamilyEffect[] {
    this.broadcaster.forget(peer)
    this.antiEntropy.sendFailed(peer)
    return this.fetcher.sendFailed(nowMs, peer)
  }
}
