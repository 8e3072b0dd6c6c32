/** The peer sampling service (Jelasity et al. 2007, fig. 1) as a state machine: who is in the group, told by the group. */

import type { Drop } from '../drop.ts'
import type { Send, ViewRequest, ViewResponse } from '../message.ts'
import type { Address, Peer } from '../peer.ts'
import { jittered, shuffle, type Rng } from '../random.ts'
import { Attempts } from './attempts.ts'
import type { SimulatedMembership } from './config.ts'
import { Failures } from './failures.ts'
import { HardenedTargets } from './hardened-targets.ts'
import { PeerMemory } from './peer-memory.ts'
import { View } from './view.ts'

/** How many first contacts are asked at once: enough that a dead one costs no time, few enough that seeds are spared. */
const FIRST_CONTACTS = 3

/** The longest time from one attempt at a first contact to the next, while there are others. A guess. */
const LONGEST_CONTACT_MS = 60 * 1000

/** Of how many peers it is known since when, for each entry of the view. */
const KNOWN_PER_ENTRY = 4

/** A hardened node asks an entry of its view in one period of so many; it asks its sample in all. A guess. */
const VIEW_EVERY = 2

/** Views this short are taken from anyone, whatever our own view size: groups whose nodes differ in c still mix. */
const MIN_TAKEN_ENTRIES = 16

/** Shared by all nodes that have nobody in a list. */
const NOBODY: readonly Address[] = []

export class PeerSampler {
  readonly #self: Address
  readonly #config: SimulatedMembership
  readonly #rng: Rng
  readonly #view: View
  /** Made when first somebody cannot be reached. */
  #memory: PeerMemory | undefined
  /** Of entries of the view; none where those are kept whatever happens, as in the paper. */
  readonly #failures: Failures | undefined
  /** When peers first exchanged views with us, for those that may be in the view; none where past peers are not kept. */
  readonly #knownSinceMs: Map<Address, number> | undefined
  #gone: readonly Address[] = NOBODY
  #rounds = 0
  readonly #hardened: HardenedTargets | undefined
  /** With whom the round's own exchange waits for its answer, and so for its ageing; until the next round. */
  #partner: Address | undefined
  /** Contacts and past peers asked for a view; forgotten with the round, so they need no timer. */
  #asked: readonly Address[] = NOBODY
  /** Made with the first of them, as a million simulated nodes have none. */
  #contacts: Attempts | undefined
  #dueMs: number

  constructor(self: Address, config: SimulatedMembership, rng: Rng, nowMs: number) {
    this.#self = self
    this.#config = config
    this.#rng = rng
    this.#view = new View(self, config.viewSize)
    this.#dueMs = nowMs + rng.fraction() * config.periodMs
    if (config.maxPastPeers > 0) this.#knownSinceMs = new Map()
    if (config.maxFailedSends < Infinity) this.#failures = new Failures(config.maxFailedSends)
    this.#hardened = config.hardened ? new HardenedTargets(self, config, rng) : undefined
  }

  /** When the next round is due. */
  get dueMs(): number {
    return this.#dueMs
  }

  get viewSize(): number {
    return this.#view.size
  }

  get pastPeers(): number {
    return this.#memory?.size ?? 0
  }

  peers(): Peer[] {
    return this.#view.entries()
  }

  /** Everybody worth asking after a restart: those proved, the view, then those that were dropped from it. */
  knownAddresses(): Address[] {
    const inView = this.#view.entries().map(({ address }) => address)
    return [
      ...new Set([
        ...(this.#hardened?.addresses() ?? []),
        ...inView,
        ...(this.#memory?.addresses() ?? [])
      ])
    ]
  }

  /** Up to `count` different peers for the application, new ones first (getPeer, section 2.4.2), or hardened ones. */
  targets(count: number): Address[] {
    return this.#choose(count, (taken) => this.#hardened?.target(taken))
  }

  /** As {@link targets}, for who keeps them for a while: the turns of anchors, which come one in ten, are not spent on them. */
  neighbors(count: number): Address[] {
    return this.#choose(count, (taken) => this.#hardened?.neighbor(taken))
  }

  #choose(count: number, first: (taken: readonly Address[]) => Address | undefined): Address[] {
    const chosen: Address[] = []
    while (chosen.length < count) {
      const peer = first(chosen) ?? this.#view.take(chosen, this.#rng)
      if (peer === undefined) break
      chosen.push(peer)
    }
    return chosen
  }

  /** The active thread: one exchange, and one attempt at a past peer and a candidate. Call when due; early it does nothing. */
  tick(nowMs: number): Send[] {
    if (nowMs < this.#dueMs) return []
    this.#dueMs = nowMs + jittered(this.#config.periodMs, this.#config.jitter, this.#rng)
    if (this.#partner !== undefined && this.#config.pull) {
      this.#view.increaseAge()
      this.#hardened?.silent(this.#partner)
    }
    this.#partner = undefined
    this.#asked = NOBODY
    this.#dropSilent(nowMs)
    this.#rounds++
    const sends = this.#askAbsent(nowMs, this.#view.size === 0 ? FIRST_CONTACTS : 1, true)
    const suspect = this.#failures?.suspect()
    if (suspect !== undefined) sends.push(this.#ask(suspect))
    const { selection, mayAsk = () => true } = this.#config
    const isOfView = this.#hardened !== undefined && this.#rounds % VIEW_EVERY === 0
    const entry = isOfView ? this.#view.random(this.#rng, mayAsk) : undefined
    if (entry !== undefined) sends.push(this.#ask(entry))
    const probe = this.#hardened?.nextProbe(mayAsk)
    if (probe !== undefined) sends.push(this.#ask(probe))
    // Last, so that what it sends is what stands at the head of the view when its answer is merged.
    this.#partner =
      this.#hardened?.partner(mayAsk) ??
      (selection === 'tail' ? this.#view.oldest(mayAsk) : this.#view.random(this.#rng, mayAsk))
    if (this.#partner !== undefined) {
      sends.push(this.#request(this.#partner))
      if (!this.#config.pull) this.#view.increaseAge()
    }
    return sends
  }

  /**
   * First contacts, from the application: asked until each has answered, at growing intervals, but not believed. A peer enters the
   * view by answering, under the name that it gives itself; so neither a dead contact nor a second name for a living one
   * is ever passed on. Only without pull, when nobody would answer, they are taken as they are. Those that a peer source
   * `named` may become anchors; the others are peers of an earlier life.
   */
  join(
    nowMs: number,
    addresses: readonly Address[],
    named: readonly Address[] = addresses
  ): Send[] {
    this.#hardened?.named(named)
    const unknown = [...new Set(addresses)].filter(
      (address) =>
        address !== this.#self &&
        (!this.#view.has(address) || this.#hardened?.wants(address) === true)
    )
    const keepsPast = this.#config.maxPastPeers > 0
    const isContact = (address: Address): boolean => !keepsPast || named.includes(address)
    const contacts = unknown.filter(isContact)
    shuffle(contacts, this.#rng)
    contacts.splice(this.#config.viewSize)
    this.#contacts ??= new Attempts(this.#config.periodMs)
    for (const contact of this.#contacts.addresses())
      if (!contacts.includes(contact)) this.#contacts.delete(contact)
    for (const contact of contacts) this.#contacts.add(contact, nowMs, LONGEST_CONTACT_MS)
    // In the order in which they are given: the longest known first.
    for (const address of unknown) {
      if (isContact(address)) continue
      this.#memory ??= new PeerMemory(this.#config)
      this.#memory.known(address, nowMs)
    }
    if (!this.#config.pull) {
      const entries = contacts.map((address) => ({ address, age: 0 }))
      this.#view.select(entries, this.#config.healing, this.#config.swapping, this.#rng)
    }
    return this.#askAbsent(nowMs, FIRST_CONTACTS, false)
  }

  /** The passive thread, and the end of the active one. */
  receive(nowMs: number, from: Address, message: ViewRequest | ViewResponse): (Send | Drop)[] {
    if (message.kind === 'view-response') {
      if (!this.#answered(from))
        return [{ kind: 'dropped', reason: 'unsolicited', count: 1, peer: from }]
      this.#hardened?.answered(from)
    }
    const effects: (Send | Drop)[] = []
    // The reply is built before the request is merged, and so names nothing that the asker has just said.
    if (message.kind === 'view-request' && this.#config.pull) {
      effects.push({
        kind: 'send',
        to: from,
        message: { kind: 'view-response', view: this.#buffer() }
      })
    }
    const most = Math.max(this.#config.viewSize, MIN_TAKEN_ENTRIES) + 1
    const tooMany = message.view.length - most
    if (tooMany > 0) {
      effects.push({ kind: 'dropped', reason: 'view-truncated', count: tooMany, peer: from })
    }
    const view = tooMany > 0 ? message.view.slice(0, most) : message.view
    this.#hardened?.saw(from, view)
    this.#merge(nowMs, from, view)
    this.#noteKnown(nowMs, from)
    return effects
  }

  /** Any sign of life: whoever was dropped is back. */
  heard(from: Address): void {
    this.#failures?.heard(from)
    if (this.#memory?.heard(from) === true && !this.#view.has(from)) {
      const { healing, swapping } = this.#config
      this.#view.select([{ address: from, age: 0 }], healing, swapping, this.#rng)
    }
    if (this.#contacts?.delete(from) === true) this.#hardened?.anchor(from)
  }

  /** The network did not take a message to `to`. */
  sendFailed(nowMs: number, to: Address): void {
    this.#unproved(nowMs, to)
    if (this.#view.has(to) && this.#failures?.sendFailed(to) === true) this.#drop(nowMs, to)
  }

  /** The connection to `peer` is gone, so there is no need to try it first. */
  lost(nowMs: number, peer: Address): void {
    this.#unproved(nowMs, peer)
    if (this.#view.has(peer)) this.#drop(nowMs, peer)
  }

  /** Those that have left the view since the last call, because they did not answer. */
  takeGone(): readonly Address[] {
    const gone = this.#gone
    this.#gone = NOBODY
    return gone
  }

  /** Out of the view, for good; it is no contact either. */
  forget(peer: Address): void {
    this.#view.remove(peer)
    this.#hardened?.forget(peer)
    this.#memory?.heard(peer)
    this.#failures?.forget(peer)
    this.#asked = this.#asked.filter((asked) => asked !== peer)
    this.#contacts?.delete(peer)
    if (this.#partner === peer) this.#partner = undefined
  }

  /** Up to `count` contacts whose turn it is, and past peers for what is left of it, at least one; without `isRound` not sooner than due. */
  #askAbsent(nowMs: number, count: number, isRound: boolean): Send[] {
    const isAlone = this.#view.size === 0
    const contacts = this.#contacts?.next(nowMs, count, isAlone) ?? NOBODY
    const left = Math.max(1, count - contacts.length)
    const past = this.#memory?.next(nowMs, left, isAlone && isRound) ?? NOBODY
    return [...contacts, ...past].map((address) => this.#ask(address))
  }

  /** A round has passed: who left too many in a row unanswered leaves. */
  #dropSilent(nowMs: number): void {
    const has = (address: Address): boolean => this.#view.has(address)
    for (const address of this.#failures?.passed(nowMs, this.#view.size, has) ?? NOBODY) {
      this.#unproved(nowMs, address)
      this.#drop(nowMs, address)
      this.#gone = [...this.#gone, address]
    }
  }

  /** It cannot be reached. An anchor is a contact again, asked until it answers. */
  #unproved(nowMs: number, address: Address): void {
    if (this.#hardened?.unreachable(address) !== true) return
    this.#contacts ??= new Attempts(this.#config.periodMs)
    this.#contacts.add(address, nowMs, LONGEST_CONTACT_MS)
  }

  /** Out of the view; tried again now and then. */
  #drop(nowMs: number, address: Address): void {
    this.#view.remove(address)
    this.#failures?.forget(address)
    this.#memory ??= new PeerMemory(this.#config)
    const knownSinceMs = this.#knownSinceMs?.get(address)
    this.#memory.dropped(
      address,
      nowMs,
      knownSinceMs === undefined ? undefined : nowMs - knownSinceMs
    )
  }

  #noteKnown(nowMs: number, from: Address): void {
    if (this.#knownSinceMs === undefined || this.#knownSinceMs.has(from)) return
    this.#knownSinceMs.set(from, nowMs)
    if (this.#knownSinceMs.size <= KNOWN_PER_ENTRY * this.#config.viewSize) return
    for (const address of this.#knownSinceMs.keys()) {
      if (this.#view.has(address)) continue
      this.#knownSinceMs.delete(address)
      return
    }
  }

  #ask(to: Address): Send {
    this.#asked = [...this.#asked, to]
    return this.#request(to)
  }

  #request(to: Address): Send {
    if (this.#config.pull) this.#failures?.asked(to)
    return {
      kind: 'send',
      to,
      message: { kind: 'view-request', view: this.#config.push ? this.#buffer() : [] }
    }
  }

  /** Whether `from` was asked and has not answered; now it has. */
  #answered(from: Address): boolean {
    if (from === this.#partner) {
      this.#partner = undefined
      return true
    }
    const others = this.#asked.filter((address) => address !== from)
    if (others.length === this.#asked.length) return false
    this.#asked = others
    return true
  }

  #buffer(): Peer[] {
    const own = { address: this.#self, age: 0 }
    return this.#view.takeHead(this.#config.exchangeSize, this.#config.healing, this.#rng, [own])
  }

  #merge(nowMs: number, from: Address, view: readonly Peer[]): void {
    const buffer: Peer[] = []
    for (const peer of view) {
      // Only the sender can vouch for itself; everybody else's entry has been passed on at least once.
      const entry = peer.age > 0 || peer.address === from ? peer : { address: peer.address, age: 1 }
      if (this.#memory === undefined || this.#memory.believes(entry, nowMs)) buffer.push(entry)
    }
    this.#view.select(buffer, this.#config.healing, this.#config.swapping, this.#rng)
    this.#view.increaseAge()
    this.#failures?.keepOnly((address) => this.#view.has(address))
  }
}
