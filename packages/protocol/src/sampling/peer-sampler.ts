/** The peer sampling service (Jelasity et al. 2007, fig. 1) as a state machine: who is in the group, told by the group. */
import type { Drop } from '../drop.ts'
import type { Send, ViewRequest, ViewResponse } from '../message.ts'
import type { Address, Peer } from '../peer.ts'
import { jittered, shuffle, type Rng } from '../random.ts'
import type { SimulatedSampling } from './config.ts'
import { HardenedTargets } from './hardened-targets.ts'
import { PeerMemory } from './peer-memory.ts'
import { View } from './view.ts'

/** How many first contacts are asked at once: enough that a dead one costs no time, few enough that seeds are spared. */
const FIRST_CONTACTS = 3

/** Views this short are taken from anyone, whatever our own view size: groups whose nodes differ in c still mix. */
const MIN_TAKEN_ENTRIES = 16

/** Shared by all nodes that have nobody in a list. */
const NOBODY: readonly Address[] = []

export class PeerSampler {
  readonly #self: Address
  readonly #config: SimulatedSampling
  readonly #rng: Rng
  readonly #view: View
  /** Made when first somebody cannot be reached. */
  #memory: PeerMemory | undefined
  readonly #hardened: HardenedTargets | undefined
  /** With whom the round's own exchange waits for its answer, and so for its ageing; until the next round. */
  #partner: Address | undefined
  /** Contacts and past peers asked for a view; forgotten with the round, so they need no timer. */
  #asked: readonly Address[] = NOBODY
  #contacts: readonly Address[] = NOBODY
  #dueMs: number

  constructor(self: Address, config: SimulatedSampling, rng: Rng, nowMs: number) {
    this.#self = self
    this.#config = config
    this.#rng = rng
    this.#view = new View(self, config.viewSize)
    this.#dueMs = nowMs + rng.fraction() * config.periodMs
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
  neighbours(count: number): Address[] {
    return this.#choose(count, (taken) => this.#hardened?.neighbour(taken))
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
    const sends: Send[] = []
    if (this.#contacts.length > 0)
      sends.push(...this.#askContacts(this.#view.size === 0 ? FIRST_CONTACTS : 1))
    const past = this.#memory?.next(nowMs)
    if (past !== undefined) sends.push(this.#ask(past))
    const { selection, mayAsk = () => true } = this.#config
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
   * First contacts, from the application: asked until each has answered, in turn, but not believed. A peer enters the
   * view by answering, under the name that it gives itself; so neither a dead contact nor a second name for a living one
   * is ever passed on. Only without pull, when nobody would answer, they are taken as they are. Those that a peer source
   * `named` may become anchors.
   */
  join(addresses: readonly Address[], named: readonly Address[] = addresses): Send[] {
    this.#hardened?.named(named)
    const contacts = [...new Set(addresses)].filter(
      (address) =>
        address !== this.#self &&
        (!this.#view.has(address) || this.#hardened?.wants(address) === true)
    )
    shuffle(contacts, this.#rng)
    this.#contacts = contacts.slice(0, this.#config.viewSize)
    if (!this.#config.pull) {
      const entries = this.#contacts.map((address) => ({ address, age: 0 }))
      this.#view.select(entries, this.#config.healing, this.#config.swapping, this.#rng)
    }
    return this.#askContacts(FIRST_CONTACTS)
  }

  /** The passive thread, and the end of the active one. */
  receive(nowMs: number, from: Address, message: ViewRequest | ViewResponse): (Send | Drop)[] {
    if (message.kind === 'view-response') {
      if (!this.#answered(from)) return [{ kind: 'drop', reason: 'unasked', count: 1, peer: from }]
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
      effects.push({ kind: 'drop', reason: 'view-too-long', count: tooMany, peer: from })
    }
    const view = tooMany > 0 ? message.view.slice(0, most) : message.view
    this.#hardened?.saw(from, view)
    this.#merge(nowMs, from, view)
    return effects
  }

  /** Any sign of life. */
  heard(from: Address): void {
    this.#memory?.heard(from)
    if (!this.#contacts.includes(from)) return
    this.#contacts = this.#contacts.filter((contact) => contact !== from)
    this.#hardened?.anchor(from)
  }

  /** The network did not take a message to `to`. */
  sendFailed(nowMs: number, to: Address): void {
    // An anchor is a contact again, asked until it answers.
    if (this.#hardened?.unreachable(to) === true) this.#contacts = [...this.#contacts, to]
    if (!this.#view.has(to)) return
    this.#memory ??= new PeerMemory(this.#config)
    if (this.#memory.failed(to, nowMs)) this.#view.remove(to)
  }

  /** Out of the view, for good; it is no contact either. */
  forget(peer: Address): void {
    this.#view.remove(peer)
    this.#hardened?.forget(peer)
    this.#contacts = this.#contacts.filter((contact) => contact !== peer)
    if (this.#partner === peer) this.#partner = undefined
  }

  /** Up to `count` of the contacts that have not answered; the others have their turn next. */
  #askContacts(count: number): Send[] {
    const asked = this.#contacts.slice(0, count)
    this.#contacts = [...this.#contacts.slice(count), ...asked]
    return asked.map((address) => this.#ask(address))
  }

  #ask(to: Address): Send {
    this.#asked = [...this.#asked, to]
    return this.#request(to)
  }

  #request(to: Address): Send {
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
    this.#memory?.forgetFailuresUnless((address) => this.#view.has(address))
  }
}
