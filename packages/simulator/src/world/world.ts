/** A world of production engines in virtual time: nodes that start and crash, and the network between them. */

import type {
  AntiEntropyConfig,
  BroadcastConfig,
  FetchConfig,
  MembershipConfig,
  StoreConfig,
  Submission
} from '@rumormill/protocol'
import {
  blake3Hash,
  digestOfKey,
  Engine,
  type Effect,
  type KeyedUpdate,
  type Send
} from '@rumormill/protocol/engine'
import type { Address, Codec, Message, Rng } from '@rumormill/protocol/plugin'
import { rngFor } from '../seeded-rng.ts'
import { EventQueue } from './event-queue.ts'
import { Network, type NetworkOptions } from './network.ts'
import { guessBytes, Recorder } from './recorder.ts'

export interface WorldOptions {
  readonly seed: number
  readonly network: NetworkOptions
  readonly membership: MembershipConfig
  readonly store: StoreConfig
  readonly fetch: FetchConfig
  readonly antiEntropy: AntiEntropyConfig
  readonly broadcast: BroadcastConfig
  /** The codec that encodes and decodes every message. Default: messages are passed as objects. */
  readonly codec?: Codec
  /** Is called for each update that a node delivers, as the handler of a real node is. */
  readonly deliver: (node: number, update: KeyedUpdate) => void
}

/** The interval in membership periods at which a node asks its contacts again; a node without peers asks each period. */
const CONTACT_PERIODS = 60

interface Node {
  readonly address: Address
  readonly contacts: readonly Address[]
  engine: Engine
  state: 'alive' | 'paused' | 'dead'
  /** How often it was started. Events of an earlier life are dropped. */
  lives: number
  /** When its next alarm is due; Infinity when none is set. */
  alarmMs: number
  /** The events that arrived while it was paused. */
  held: (() => void)[]
}

export class World {
  readonly network: Network
  readonly recorder: Recorder = new Recorder()
  readonly #options: WorldOptions
  readonly #events = new EventQueue()
  readonly #nodes: Node[] = []
  readonly #numbers = new Map<Address, number>()
  #nowMs = 0

  constructor(options: WorldOptions) {
    this.#options = options
    this.network = new Network(options.network, rngFor(options.seed, 1, 0))
  }

  get nowMs(): number {
    return this.#nowMs
  }

  /** The number of nodes that ever existed. */
  get size(): number {
    return this.#nodes.length
  }

  isAlive(node: number): boolean {
    return this.#nodes[node]!.state !== 'dead'
  }

  /** Starts a new node with `contacts` as its peer source. Returns its number. */
  join(contacts: readonly number[]): number {
    const number = this.#nodes.length
    const address = `n${number}`
    this.#numbers.set(address, number)
    this.#nodes.push({
      address,
      contacts: contacts.map((contact) => `n${contact}`),
      engine: this.#createEngine(address, number, 1),
      state: 'alive',
      lives: 1,
      alarmMs: Infinity,
      held: []
    })
    this.#askContacts(number)
    return number
  }

  /** Stops a node silently; its updates are lost. Leaving a gossip group is the same. */
  crash(number: number): void {
    const node = this.#nodes[number]!
    node.state = 'dead'
    node.held = []
  }

  /** Restarts a crashed node at its address with only its contacts. */
  restart(number: number): void {
    const node = this.#nodes[number]!
    if (node.state !== 'dead') throw new Error(`node ${number} is running`)
    node.lives++
    node.engine = this.#createEngine(node.address, number, node.lives)
    node.state = 'alive'
    node.alarmMs = Infinity
    this.#askContacts(number)
  }

  /** Suspends a node; messages to it wait. */
  pause(number: number): void {
    const node = this.#nodes[number]!
    if (node.state === 'alive') node.state = 'paused'
  }

  resume(number: number): void {
    const node = this.#nodes[number]!
    if (node.state !== 'paused') return
    node.state = 'alive'
    for (const happen of node.held.splice(0)) happen()
  }

  /** Submits at a node. Throws the errors of the engine, such as STORE_FULL. */
  submit(number: number, content: Uint8Array): Submission {
    const node = this.#nodes[number]!
    if (node.state === 'dead') throw new Error(`node ${number} is dead and submits nothing`)
    const { key, status } = node.engine.submit(this.#nowMs, content)
    if (status === 'accepted') this.recorder.submitted(this.#nowMs, number, key)
    this.#setAlarm(number)
    return { digest: digestOfKey(key), status }
  }

  /** Returns the numbers of the nodes in the view of a node. */
  view(number: number): number[] {
    return this.#nodes[number]!.engine.peers().map(({ address }) => this.#numbers.get(address)!)
  }

  /** Calls `happen` at `atMs`, or at once if that is past. */
  at(atMs: number, happen: () => void): void {
    this.#events.add(Math.max(atMs, this.#nowMs), happen)
  }

  /** Advances the time to `endMs`. */
  runTo(endMs: number): void {
    while (this.#events.nextMs <= endMs) {
      this.#nowMs = this.#events.nextMs
      this.#events.take()()
    }
    this.#nowMs = Math.max(this.#nowMs, endMs)
  }

  #createEngine(self: Address, number: number, life: number): Engine {
    const { seed, membership, store, fetch, antiEntropy, broadcast } = this.#options
    const rng: Rng = rngFor(seed, number + 2, life)
    return new Engine({
      self,
      membership,
      store,
      fetch,
      antiEntropy,
      broadcast,
      hash: blake3Hash,
      rng,
      nowMs: this.#nowMs
    })
  }

  /** Asks the contacts as a real node asks its peer source: at the start, while it has no peer, and at intervals. */
  #askContacts(number: number): void {
    this.#enter(number, (engine) => engine.join(this.#nowMs, this.#nodes[number]!.contacts))
    const { periodMs } = this.#options.membership
    const ask = (periods: number): void =>
      this.#later(number, this.#nowMs + periodMs, () => {
        const isDue = periods >= CONTACT_PERIODS || this.#nodes[number]!.engine.viewSize === 0
        if (isDue) this.#askContacts(number)
        else ask(periods + 1)
      })
    ask(1)
  }

  /** Calls the engine of a node, performs the effects, and sets the alarm again. */
  #enter(number: number, act: (engine: Engine) => Effect[], from: number = number): void {
    const { engine } = this.#nodes[number]!
    for (const effect of act(engine)) {
      if (effect.kind === 'send') this.#send(number, effect)
      else if (effect.kind === 'deliver') {
        this.recorder.delivered(this.#nowMs, number, from, effect.update.key)
        this.#options.deliver(number, effect.update)
      }
    }
    this.#setAlarm(number)
  }

  #send(from: number, send: Send): void {
    const to = this.#numbers.get(send.to)!
    const { codec } = this.#options
    const bytes = codec === undefined ? undefined : codec.encode(send.message)
    const message = bytes === undefined ? send.message : codec!.decode(bytes)
    const size = bytes?.length ?? guessBytes(message)
    if (!this.network.isOpen(from, to) || !this.isAlive(to)) {
      this.recorder.counts.unreachable++
      this.#later(from, this.#nowMs + this.network.options.noticeMs, () =>
        this.#enter(from, (engine) => engine.sendFailed(this.#nowMs, send, true))
      )
      return
    }
    this.recorder.sent(message, size)
    this.#nodes[from]!.engine.sent(this.#nowMs, send)
    const arrivals = this.network.arrivals(this.#nowMs, from, to, size)
    if (arrivals.length === 0) this.recorder.counts.lost++
    if (arrivals.length === 2) this.recorder.counts.duplicated++
    const { lives } = this.#nodes[to]!
    for (const atMs of arrivals) this.at(atMs, () => this.#arrive(from, to, lives, message))
  }

  /** Delivers a message, unless the node was restarted or a cut was made since it was sent. */
  #arrive(from: number, to: number, lives: number, message: Message): void {
    const node = this.#nodes[to]!
    if (node.state === 'dead' || node.lives !== lives || !this.network.isOpen(from, to)) {
      this.recorder.counts.lost++
      return
    }
    this.#whenAwake(to, lives, () => {
      this.recorder.received(message)
      this.#enter(
        to,
        (engine) => engine.receive(this.#nowMs, this.#nodes[from]!.address, message),
        from
      )
    })
  }

  #setAlarm(number: number): void {
    const node = this.#nodes[number]!
    const { deadlineMs } = node.engine
    if (deadlineMs >= node.alarmMs) return
    node.alarmMs = deadlineMs
    this.#later(number, deadlineMs, () => {
      if (node.alarmMs !== deadlineMs) return
      node.alarmMs = Infinity
      this.#enter(number, (engine) => engine.tick(this.#nowMs))
    })
  }

  /** Schedules an event of a node, which is dropped if the node has crashed or restarted since. */
  #later(number: number, atMs: number, happen: () => void): void {
    const { lives } = this.#nodes[number]!
    this.at(atMs, () => this.#whenAwake(number, lives, happen))
  }

  #whenAwake(number: number, lives: number, happen: () => void): void {
    const node = this.#nodes[number]!
    if (node.state === 'dead' || node.lives !== lives) return
    // Checks again when the node resumes, because an earlier held event may have stopped it.
    if (node.state === 'paused') node.held.push(() => this.#whenAwake(number, lives, happen))
    else happen()
  }
}
