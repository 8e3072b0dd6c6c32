/** A network in memory: any number of transports, with delay, loss, duplication, cuts and crashes at will. */

import { createRng, GossipError, isAddress, systemClock } from '@rumormill/protocol'
import type { Address, Clock, Rng, Transport } from '@rumormill/protocol'
import { MemoryTransport, type Medium } from './memory-transport.ts'

export interface MemoryNetworkOptions {
  /** Default: the system's. With a manual clock, messages arrive only as it advances, and every run is the same. */
  readonly clock?: Clock
  /** Decides losses, duplicates and delays. Default: a fixed seed. */
  readonly rng?: Rng
  /** Milliseconds on the way, or the least and the most: then messages overtake one another. Default 0. */
  readonly delayMs?: number | readonly [least: number, most: number]
  /** The share of messages that vanish, though `send` resolves. Default 0. */
  readonly lossRate?: number
  /** The share of messages that arrive twice. Default 0. */
  readonly duplicateRate?: number
  /** Default 1 MiB. */
  readonly maxMessageBytes?: number
  /** The most messages on the way from one node to another; `send` rejects with OVERLOADED beyond. Default 10,000. */
  readonly maxInFlight?: number
}

/** A message that was taken by the network. */
export interface MemoryMessage {
  readonly from: Address
  readonly to: Address
  readonly bytes: Uint8Array
}

export interface MemoryNetwork {
  /**
   * A transport that will be at `address`, by default the next unused `memory:<n>`. Once it has stopped or was killed,
   * another one may start there. `maxMessageBytes` is the network's by default; receivers refuse what exceeds theirs.
   */
  transport(address?: Address, options?: { maxMessageBytes?: number }): Transport
  /** Only nodes of one group reach one another, those in no group nobody. Replaces earlier partitions and cuts. */
  partition(groups: readonly (readonly Address[])[]): void
  /** Nothing passes from `from` to `to`, not even what is on the way; the way back stays open. */
  cut(from: Address, to: Address): void
  /** Ends partitions and cuts. */
  heal(): void
  /** The node at `address` is gone without a word: what it sends fails, what is sent to it is UNREACHABLE. */
  kill(address: Address): void
  /** Whether a cut swallows messages in silence. By default senders notice (UNREACHABLE), as over TCP. */
  blackHole: boolean
  /** As in the options, from the next message on. */
  delayMs: number | readonly [least: number, most: number]
  lossRate: number
  duplicateRate: number
  /** Messages that `send` has taken, their bytes, and how many of them vanished (losses, cuts). */
  readonly counts: { readonly messages: number; readonly bytes: number; readonly lost: number }
  /** Tells `observer` of every message taken, whatever its fate; the bytes are a copy. Returns what ends it. */
  tap(observer: (message: MemoryMessage) => void): () => void
}

/** Makes an empty network. */
export function memoryNetwork(options: MemoryNetworkOptions = {}): MemoryNetwork {
  return new Network(options)
}

class Network implements MemoryNetwork, Medium {
  blackHole = false
  delayMs: number | readonly [number, number]
  lossRate: number
  duplicateRate: number
  readonly counts = { messages: 0, bytes: 0, lost: 0 }
  readonly #clock: Clock
  readonly #rng: Rng
  readonly #maxMessageBytes: number
  readonly #maxInFlight: number
  readonly #named = new Set<Address>()
  readonly #nodes = new Map<Address, MemoryTransport>()
  readonly #inFlight = new Map<string, number>()
  readonly #observers = new Set<(message: MemoryMessage) => void>()
  #isOpen: (from: Address, to: Address) => boolean = () => true

  constructor(options: MemoryNetworkOptions) {
    this.#clock = options.clock ?? systemClock
    this.#rng = options.rng ?? createRng(1)
    this.delayMs = options.delayMs ?? 0
    this.lossRate = options.lossRate ?? 0
    this.duplicateRate = options.duplicateRate ?? 0
    this.#maxMessageBytes = options.maxMessageBytes ?? 1024 * 1024
    this.#maxInFlight = options.maxInFlight ?? 10_000
  }

  transport(
    address: Address = this.#nextAddress(),
    options: { maxMessageBytes?: number } = {}
  ): Transport {
    if (!isAddress(address))
      throw new GossipError('INVALID_ADDRESS', 'a node must be where a view can say it is')
    this.#named.add(address)
    return new MemoryTransport(this, address, options.maxMessageBytes ?? this.#maxMessageBytes)
  }

  partition(groups: readonly (readonly Address[])[]): void {
    const copies = groups.map((group) => new Set(group))
    this.#isOpen = (from, to) => copies.some((group) => group.has(from) && group.has(to))
  }

  cut(from: Address, to: Address): void {
    const wasOpen = this.#isOpen
    this.#isOpen = (a, b) => !(a === from && b === to) && wasOpen(a, b)
  }

  heal(): void {
    this.#isOpen = () => true
  }

  kill(address: Address): void {
    this.#nodes.get(address)?.kill()
  }

  tap(observer: (message: MemoryMessage) => void): () => void {
    this.#observers.add(observer)
    return () => void this.#observers.delete(observer)
  }

  enter(transport: MemoryTransport): void {
    if (this.#nodes.has(transport.address)) {
      throw new GossipError(
        'ADDRESS_UNAVAILABLE',
        `${transport.address} is taken on this memory network`
      )
    }
    this.#nodes.set(transport.address, transport)
  }

  leave(transport: MemoryTransport): void {
    if (this.#nodes.get(transport.address) === transport) this.#nodes.delete(transport.address)
  }

  take(sender: MemoryTransport, to: Address, bytes: Uint8Array): void {
    const from = sender.address
    const target = this.#nodes.get(to)
    const isOpen = this.#isOpen(from, to)
    if (!isOpen && !this.blackHole)
      throw new GossipError('UNREACHABLE', `${to} is cut off from ${from}`)
    if (isOpen && target === undefined)
      throw new GossipError('UNREACHABLE', `nobody is at ${to} on this network`)
    if (isOpen) this.#greet(sender, target!)
    const pair = `${from}\n${to}`
    if ((this.#inFlight.get(pair) ?? 0) >= this.#maxInFlight) {
      throw new GossipError('OVERLOADED', `${this.#maxInFlight} messages to ${to} are in flight`)
    }
    this.counts.messages++
    this.counts.bytes += bytes.length
    for (const observer of this.#observers) observer({ from, to, bytes: bytes.slice() })
    if (!isOpen || this.#rng.fraction() < this.lossRate) {
      this.counts.lost++
      return
    }
    const copies = this.#rng.fraction() < this.duplicateRate ? 2 : 1
    for (let copy = 0; copy < copies; copy++) this.#deliver(pair, from, target!, bytes.slice())
  }

  /** Nodes of different labels exchange nothing; each is told. */
  #greet(sender: MemoryTransport, target: MemoryTransport): void {
    if (sender.protocol === target.protocol) return
    const words = `${sender.address} speaks ${sender.protocol}, ${target.address} speaks ${target.protocol}`
    this.#clock.wakeAt(this.#clock.now(), () =>
      target.fail(new GossipError('PROTOCOL_MISMATCH', words))
    )
    throw new GossipError('PROTOCOL_MISMATCH', words)
  }

  /** Bound to the very transport that was there: one that starts later at its address may be of another group. */
  #deliver(pair: string, from: Address, target: MemoryTransport, bytes: Uint8Array): void {
    this.#inFlight.set(pair, (this.#inFlight.get(pair) ?? 0) + 1)
    this.#clock.wakeAt(this.#clock.now() + this.#nextDelayMs(), () => {
      const left = this.#inFlight.get(pair)! - 1
      if (left === 0) this.#inFlight.delete(pair)
      else this.#inFlight.set(pair, left)
      if (this.#isOpen(from, target.address)) target.arrive(from, bytes)
      else this.counts.lost++
    })
  }

  #nextDelayMs(): number {
    if (typeof this.delayMs === 'number') return this.delayMs
    const [least, most] = this.delayMs
    return least + this.#rng.fraction() * (most - least)
  }

  #nextAddress(): Address {
    let number = this.#named.size + 1
    while (this.#named.has(`memory:${number}`)) number++
    return `memory:${number}`
  }
}
