/** Runs the peer sampling service (Jelasity et al. 2007, fig. 1) as a state machine: keeps a view of the group. */

import type { Drop } from '../model/drop.ts'
import type { MessageOf, Send } from '../model/message.ts'
import type { Address, Peer } from '../model/peer.ts'
import { jittered, shuffle, type Rng } from '../model/random.ts'
import { Attempts } from './attempts.ts'
import type { SimulatedMembership } from './config.ts'
import { Failures } from './failures.ts'
import { HardenedTargets } from './hardened-targets.ts'
import { PeerMemory } from './peer-memory.ts'
import { View } from './view.ts'

/** How many first contacts get a request at once: enough that a dead one costs no time, few enough to limit the load on seeds. */
const FIRST_CONTACTS = 3

/** The longest time from one attempt at a first contact to the next, while there are others. A guess. */
const LONGEST_CONTACT_MS = 60 * 1000

/** For how many peers the time of the first exchange is kept, as a multiple of the view size. */
const KNOWN_PER_ENTRY = 4

/** A hardened node requests from its sample each period, and every second period also from its view. The value is a guess. */
const VIEW_EVERY = 2

/** At least this many entries of a received view are accepted, even with a smaller `viewSize`: nodes may have different ones. */
const MIN_TAKEN_ENTRIES = 16

type ViewMessage = MessageOf<'view-request' | 'view-response'>

/** An empty list, shared to save memory. */
const NO_ADDRESSES: readonly Address[] = []

export class PeerSampler {
  readonly #self: Address
  readonly #config: SimulatedMembership
  readonly #rng: Rng
  readonly #view: View
  /** Made when it gets its first peer. */
  #memory: PeerMemory | undefined
  /** Failures of view entries; undefined where entries are never dropped, as in the paper. */
  readonly #failures: Failures | undefined
  /** When peers first exchanged views with this node; undefined where past peers are not kept. */
  readonly #knownSinceMs: Map<Address, number> | undefined
  #gone: readonly Address[] = NO_ADDRESSES
  #rounds = 0
  readonly #hardened: HardenedTargets | undefined
  /** The partner of this round's exchange while it has not answered. If it does not answer, the next round ages the view in its place. */
  #partner: Address | undefined
  /** Other addresses that got a view request in this round. Cleared with the round, so they need no timer. */
  #requested: readonly Address[] = NO_ADDRESSES
  /** Made by the first `join`; left out before that to save memory in simulations. */
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

  /** Returns the addresses to contact after a restart: verified peers, the view, then past peers. */
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

  /** Returns up to `count` different peers: new ones first (getPeer, section 2.4.2), or from the sample of a hardened node. */
  targets(count: number): Address[] {
    return this.#choose(count, (taken) => this.#hardened?.target(taken))
  }

  /** Does as {@link targets}, but never chooses anchors: neighbors are kept for a while and would use up the anchors' turns. */
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

  /** Runs one round: an exchange, and requests to contacts, past peers, a suspect and a probe. Nothing before `dueMs`. */
  tick(nowMs: number): Send[] {
    if (nowMs < this.#dueMs) return []
    this.#dueMs = nowMs + jittered(this.#config.periodMs, this.#config.jitter, this.#rng)
    if (this.#partner !== undefined && this.#config.pull) {
      this.#view.increaseAge()
      this.#hardened?.unanswered(this.#partner)
    }
    this.#partner = undefined
    this.#requested = NO_ADDRESSES
    this.#dropUnanswered(nowMs)
    this.#rounds++
    const sends = this.#requestAbsent(nowMs, this.#view.size === 0 ? FIRST_CONTACTS : 1, true)
    const suspect = this.#failures?.suspect()
    if (suspect !== undefined) sends.push(this.#requestOther(suspect))
    const { selection, mayAsk = () => true } = this.#config
    const isOfView = this.#hardened !== undefined && this.#rounds % VIEW_EVERY === 0
    const entry = isOfView ? this.#view.random(this.#rng, mayAsk) : undefined
    if (entry !== undefined) sends.push(this.#requestOther(entry))
    const probe = this.#hardened?.nextProbe(mayAsk)
    if (probe !== undefined) sends.push(this.#requestOther(probe))
    // Last, because building a request moves its entries to the head of the view, where the answer's merge expects them.
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
   * Contacts addresses from the application, in place of those of earlier calls, `viewSize` at most: requests are sent at growing intervals until each has answered. A peer enters the
   * view only by an answer, under the address that it gives itself. So neither a dead contact nor a second address of a living
   * one is ever sent on. Without pull there are no answers, so contacts enter the view at once. Addresses that a peer source
   * `named` may become anchors; the others are peers from before a restart.
   */
  join(
    nowMs: number,
    addresses: readonly Address[],
    named: readonly Address[] = addresses
  ): Send[] {
    this.#hardened?.named(named)
    const absent = [...new Set(addresses)].filter(
      (address) =>
        address !== this.#self &&
        (!this.#view.has(address) || this.#hardened?.mayAnchor(address) === true)
    )
    const keepsPast = this.#config.maxPastPeers > 0
    const isContact = (address: Address): boolean => !keepsPast || named.includes(address)
    const contacts = absent.filter(isContact)
    shuffle(contacts, this.#rng)
    contacts.splice(this.#config.viewSize)
    this.#contacts ??= new Attempts(this.#config.periodMs)
    for (const contact of this.#contacts.addresses())
      if (!contacts.includes(contact)) this.#contacts.delete(contact)
    for (const contact of contacts) this.#contacts.add(contact, nowMs, LONGEST_CONTACT_MS)
    // In the given order: those known longest come first.
    for (const address of absent) {
      if (isContact(address)) continue
      this.#memory ??= new PeerMemory(this.#config)
      this.#memory.restored(address, nowMs)
    }
    if (!this.#config.pull) {
      const entries = contacts.map((address) => ({ address, age: 0 }))
      this.#view.select(entries, this.#config.healing, this.#config.swapping, this.#rng)
    }
    return this.#requestAbsent(nowMs, FIRST_CONTACTS, false)
  }

  /** Runs the passive thread for a request, and the end of the active thread for a response. */
  receive(nowMs: number, from: Address, message: ViewMessage): (Send | Drop)[] {
    if (message.kind === 'view-response') {
      if (!this.#answered(from))
        return [{ kind: 'dropped', reason: 'unsolicited', count: 1, peer: from }]
      this.#hardened?.answered(from)
    }
    const effects: (Send | Drop)[] = []
    // The reply is built before the request is merged, so it has no entries of the request.
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
    this.#hardened?.considerView(from, view)
    this.#merge(nowMs, from, view)
    this.#noteKnown(nowMs, from)
    return effects
  }

  /** Notes a message of `from`. A past peer enters the view again. */
  noteAlive(from: Address): void {
    this.#failures?.noteAlive(from)
    if (this.#memory?.remove(from) === true && !this.#view.has(from)) {
      const { healing, swapping } = this.#config
      this.#view.select([{ address: from, age: 0 }], healing, swapping, this.#rng)
    }
    if (this.#contacts?.delete(from) === true) this.#hardened?.anchor(from)
  }

  /** Counts a failed send to `to`. */
  sendFailed(nowMs: number, to: Address): void {
    this.#markUnreachable(nowMs, to)
    if (this.#view.has(to) && this.#failures?.sendFailed(to) === true) this.#drop(nowMs, to)
  }

  /** Drops `peer` from the view at once, because its connection was closed. */
  lost(nowMs: number, peer: Address): void {
    this.#markUnreachable(nowMs, peer)
    if (this.#view.has(peer)) this.#drop(nowMs, peer)
  }

  /** Returns the peers dropped since the last call because they did not answer. */
  takeGone(): readonly Address[] {
    const gone = this.#gone
    this.#gone = NO_ADDRESSES
    return gone
  }

  /** Removes `peer` from the view, the contacts and the past peers, so that it is not tried again. */
  forget(peer: Address): void {
    this.#view.remove(peer)
    this.#hardened?.forget(peer)
    this.#memory?.remove(peer)
    this.#failures?.forget(peer)
    this.#requested = this.#requested.filter((each) => each !== peer)
    this.#contacts?.delete(peer)
    if (this.#partner === peer) this.#partner = undefined
  }

  /**
   * Requests views from up to `count` contacts that are due, and past peers for the rest of `count`, at least one. Past peers
   * that are not due are only tried with `isRound`, and if the view is empty.
   */
  #requestAbsent(nowMs: number, count: number, isRound: boolean): Send[] {
    const isAlone = this.#view.size === 0
    const contacts = this.#contacts?.next(nowMs, count, isAlone) ?? NO_ADDRESSES
    const rest = Math.max(1, count - contacts.length)
    const past = this.#memory?.next(nowMs, rest, isAlone && isRound) ?? NO_ADDRESSES
    return [...contacts, ...past].map((address) => this.#requestOther(address))
  }

  /** Drops the peers that left too many requests in a row unanswered. */
  #dropUnanswered(nowMs: number): void {
    const has = (address: Address): boolean => this.#view.has(address)
    for (const address of this.#failures?.passed(nowMs, this.#view.size, has) ?? NO_ADDRESSES) {
      this.#markUnreachable(nowMs, address)
      this.#drop(nowMs, address)
      this.#gone = [...this.#gone, address]
    }
  }

  /** Removes an unreachable address from the sample. An anchor becomes a contact again, tried until it answers. */
  #markUnreachable(nowMs: number, address: Address): void {
    if (this.#hardened?.unreachable(address) !== true) return
    this.#contacts ??= new Attempts(this.#config.periodMs)
    this.#contacts.add(address, nowMs, LONGEST_CONTACT_MS)
  }

  /** Moves a peer from the view to the past peers. */
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

  #requestOther(to: Address): Send {
    this.#requested = [...this.#requested, to]
    return this.#request(to)
  }

  #request(to: Address): Send {
    if (this.#config.pull) this.#failures?.requested(to)
    return {
      kind: 'send',
      to,
      message: { kind: 'view-request', view: this.#config.push ? this.#buffer() : [] }
    }
  }

  /** Notes an answer of `from`. Returns whether it was requested. */
  #answered(from: Address): boolean {
    if (from === this.#partner) {
      this.#partner = undefined
      return true
    }
    const others = this.#requested.filter((address) => address !== from)
    if (others.length === this.#requested.length) return false
    this.#requested = others
    return true
  }

  #buffer(): Peer[] {
    const own = { address: this.#self, age: 0 }
    return this.#view.takeHead(this.#config.exchangeSize, this.#config.healing, this.#rng, [own])
  }

  #merge(nowMs: number, from: Address, view: readonly Peer[]): void {
    const buffer: Peer[] = []
    for (const peer of view) {
      // Only the sender's own entry may have age 0; all others have been sent on at least once.
      const entry = peer.age > 0 || peer.address === from ? peer : { address: peer.address, age: 1 }
      if (this.#memory === undefined || this.#memory.accepts(entry, nowMs)) buffer.push(entry)
    }
    this.#view.select(buffer, this.#config.healing, this.#config.swapping, this.#rng)
    this.#view.increaseAge()
    this.#failures?.keepOnly((address) => this.#view.has(address))
  }
}
