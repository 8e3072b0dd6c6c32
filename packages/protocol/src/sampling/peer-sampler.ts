/** The peer sampling service (Jelasity et al. 2007, fig. 1) as a state machine: who is in the group, told by the group. */
import type { Drop } from '../drop.ts'
import type { Send, ViewRequest, ViewResponse } from '../message.ts'
import type { Address, Peer } from '../peer.ts'
import { jittered, shuffle, type Rng } from '../random.ts'
import type { SimulatedSampling } from './config.ts'
import { PeerMemory } from './peer-memory.ts'
import { View } from './view.ts'

/** How many first contacts are asked at once: enough that a dead one costs no time, few enough that seeds are spared. */
const FIRST_CONTACTS = 3

/** Views this short are taken from anyone, whatever our own view size: groups whose nodes differ in c still mix. */
const MIN_TAKEN_ENTRIES = 16

export class PeerSampler {
  readonly #self: Address
  readonly #config: SimulatedSampling
  readonly #rng: Rng
  readonly #view: View
  readonly #past: PeerMemory
  /** Peers asked for a view that may still answer; emptied each period, so it needs no timer. */
  readonly #asked = new Set<Address>()
  #contacts: Address[] = []
  /** Sends in a row that failed, for entries of the view. */
  readonly #failures = new Map<Address, number>()
  /** Whether the round's own exchange still waits for its answer, and so for its ageing. */
  #unanswered = false
  #dueMs: number

  constructor(self: Address, config: SimulatedSampling, rng: Rng, nowMs: number) {
    this.#self = self
    this.#config = config
    this.#rng = rng
    this.#view = new View(self, config.viewSize)
    this.#past = new PeerMemory(config.maxPastPeers, config.pastPeerMs, config.periodMs)
    this.#dueMs = nowMs + rng.fraction() * config.periodMs
  }

  /** When the next round is due. */
  get dueMs(): number {
    return this.#dueMs
  }

  get viewSize(): number {
    return this.#view.size
  }

  get pastPeers(): number {
    return this.#past.size
  }

  peers(): Peer[] {
    return this.#view.entries()
  }

  /** Up to `count` different peers for the application, new ones first (getPeer, section 2.4.2). */
  targets(count: number): Address[] {
    const targets: Address[] = []
    while (targets.length < count) {
      const target = this.#view.take(targets, this.#rng)
      if (target === undefined) break
      targets.push(target)
    }
    return targets
  }

  /** The active thread: one exchange, and one attempt at a past peer. Call when due; early it does nothing. */
  tick(nowMs: number): Send[] {
    if (nowMs < this.#dueMs) return []
    this.#dueMs = nowMs + jittered(this.#config.periodMs, this.#config.jitter, this.#rng)
    if (this.#asked.size > 0) this.#asked.clear()
    if (this.#unanswered) this.#view.increaseAge()
    this.#unanswered = false
    const sends: Send[] = []
    sends.push(...this.#askContacts(this.#view.size === 0 ? FIRST_CONTACTS : 1))
    const past = this.#past.next(nowMs)
    if (past !== undefined) sends.push(this.#request(past))
    // Last, so that what it sends is what stands at the head of the view when its answer is merged.
    const { selection, mayAsk = () => true } = this.#config
    const peer = selection === 'tail' ? this.#view.oldest(mayAsk) : this.#view.random(this.#rng, mayAsk)
    if (peer !== undefined) {
      sends.push(this.#request(peer))
      if (this.#config.pull) this.#unanswered = true
      else this.#view.increaseAge()
    }
    return sends
  }

  /**
   * First contacts, from the application: asked until each has answered, in turn, but not believed. A peer enters the
   * view by answering, under the name that it gives itself; so neither a dead contact nor a second name for a living one is ever passed on. Only without pull,
   * when nobody would answer, they are taken as they are.
   */
  join(addresses: readonly Address[]): Send[] {
    const contacts = [...new Set(addresses)].filter((address) => address !== this.#self && !this.#view.has(address))
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
    if (message.kind === 'view-response' && !this.#asked.delete(from)) {
      return [{ kind: 'drop', reason: 'unasked', count: 1, peer: from }]
    }
    const effects: (Send | Drop)[] = []
    if (message.kind === 'view-response') this.#unanswered = false
    // The reply is built before the request is merged, and so names nothing that the asker has just said.
    else if (this.#config.pull) {
      effects.push({ kind: 'send', to: from, message: { kind: 'view-response', view: this.#buffer() } })
    }
    const most = Math.max(this.#config.viewSize, MIN_TAKEN_ENTRIES) + 1
    if (message.view.length > most) {
      effects.push({ kind: 'drop', reason: 'view-too-long', count: message.view.length - most, peer: from })
    }
    this.#merge(nowMs, from, message.view.slice(0, most))
    return effects
  }

  /** Any sign of life. */
  heard(from: Address): void {
    // Mostly nobody has failed; then no table need be fetched into the cache for each message.
    if (this.#failures.size > 0) this.#failures.delete(from)
    if (this.#past.size > 0) this.#past.forget(from)
    if (this.#contacts.includes(from)) this.#contacts = this.#contacts.filter((contact) => contact !== from)
  }

  /** The network did not take a message to `to`. */
  sendFailed(nowMs: number, to: Address): void {
    this.#asked.delete(to)
    if (!this.#view.has(to)) return
    const failures = (this.#failures.get(to) ?? 0) + 1
    if (failures < this.#config.maxFailedSends) {
      this.#failures.set(to, failures)
      return
    }
    this.#failures.delete(to)
    this.#view.remove(to)
    this.#past.remember(to, nowMs)
  }

  /** Up to `count` of the contacts that have not answered; the others have their turn next. */
  #askContacts(count: number): Send[] {
    const asked = this.#contacts.splice(0, count)
    this.#contacts.push(...asked)
    return asked.map((address) => this.#request(address))
  }

  #request(to: Address): Send {
    this.#asked.add(to)
    return { kind: 'send', to, message: { kind: 'view-request', view: this.#config.push ? this.#buffer() : [] } }
  }

  #buffer(): Peer[] {
    const head = this.#view.takeHead(this.#config.exchangeSize, this.#config.healing, this.#rng)
    return [{ address: this.#self, age: 0 }, ...head]
  }

  #merge(nowMs: number, from: Address, view: readonly Peer[]): void {
    const buffer: Peer[] = []
    for (const peer of view) {
      // Only the sender can vouch for itself; everybody else's entry has been passed on at least once.
      const entry = peer.address === from || peer.age > 0 ? peer : { address: peer.address, age: 1 }
      if (this.#past.size === 0 || this.#past.believes(entry, nowMs)) buffer.push(entry)
    }
    this.#view.select(buffer, this.#config.healing, this.#config.swapping, this.#rng)
    this.#view.increaseAge()
    if (this.#failures.size === 0) return
    for (const address of this.#failures.keys()) if (!this.#view.has(address)) this.#failures.delete(address)
  }
}
