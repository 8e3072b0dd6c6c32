/** A network in memory: any number of transports, with delay, loss, duplication, cuts and crashes at will. */
import { createRng, GossipError, systemClock } from '@rumormill/protocol'
import type { Address, Clock, Rng, Transport } from '@rumormill/protocol'
import { MemoryTransport, type Medium } from './memory-transport.ts'

export interface MemoryNetworkOptions {
  /** Default: the system's. With a manual clock, messages arrive only as it advances. */
  readonly clock?: Clock
  /** Decides losses, duplicates and delays. Default: a fixed seed. */
  readonly rng?: Rng
  /** Milliseconds on the way, or the least and the most. Default 0. */
  readonly delayMs?: number | readonly [number, number]
  /** The share of messages that vanish, though `send` resolves. Default 0. */
  readonly lossRate?: number
  /** The share of messages that arrive twice. Default 0. */
  readonly duplicateRate?: number
  /** Default 1 MiB. */
  readonly maxMessageBytes?: number
}

/** A message that was taken by the network. */
export interface MemoryMessage {
  readonly from: Address
  readonly to: Address
  readonly bytes: Uint8Array
}

export interface MemoryNetwork {
  /** A transport that will be at `address`, by default the next free `memory:<n>`. An address is free again after stop or kill. */
  transport(address?: Address): Transport
  /** Only nodes of one group reach one another; those in no group reach nobody. Replaces earlier partitions and cuts. */
  partition(groups: readonly (readonly Address[])[]): void
  /** Nothing passes from `from` to `to`; the way back stays open. */
  cut(from: Address, to: Address): void
  /** Ends partitions and cuts. */
  heal(): void
  /** The node at `address` is gone without a word: what it sends fails, what is sent to it is UNREACHABLE. */
  kill(address: Address): void
  /** Whether senders notice a cut (UNREACHABLE) or lose their messages in silence (`blackHole`). Default: notice. */
  blackHole: boolean
  delayMs: number | readonly [number, number]
  lossRate: number
  duplicateRate: number
  /** Messages taken, their bytes, and how many of them vanished. */
  readonly counts: { readonly messages: number; readonly bytes: number; readonly lost: number }
  /** Told of every message taken, before its fate is decided. */
  tap: (message: MemoryMessage) => void
}

/** The most messages on the way from one node to another. */
const MAX_IN_FLIGHT = 10_000

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
  readonly maxMessageBytes: number
  readonly #clock: Clock
  readonly #rng: Rng
  readonly #nodes = new Map<Address, MemoryTransport>()
  readonly #inFlight = new Map<string, number>()
  #open: (from: Address, to: Address) => boolean = () => true
  #made = 0

  constructor(options: MemoryNetworkOptions) {
    this.#clock = options.clock ?? systemClock
    this.#rng = options.rng ?? createRng(1)
    this.delayMs = options.delayMs ?? 0
    this.lossRate = options.lossRate ?? 0
    this.duplicateRate = options.duplicateRate ?? 0
    this.maxMessageBytes = options.maxMessageBytes ?? 1024 * 1024
  }

  tap: (message: MemoryMessage) => void = () => {}

  transport(address: Address = `memory:${++this.#made}`): Transport {
    return new MemoryTransport(this, address)
  }

  partition(groups: readonly (readonly Address[])[]): void {
    this.#open = (from, to) => groups.some((group) => group.includes(from) && group.includes(to))
  }

  cut(from: Address, to: Address): void {
    const before = this.#open
    this.#open = (a, b) => !(a === from && b === to) && before(a, b)
  }

  heal(): void {
    this.#open = () => true
  }

  kill(address: Address): void {
    this.#nodes.get(address)?.kill()
  }

  enter(transport: MemoryTransport): void {
    if (this.#nodes.has(transport.address)) {
      throw new GossipError('ADDRESS_UNAVAILABLE', `${transport.address} is taken on this memory network`)
    }
    this.#nodes.set(transport.address, transport)
  }

  leave(transport: MemoryTransport): void {
    if (this.#nodes.get(transport.address) === transport) this.#nodes.delete(transport.address)
  }

  take(from: MemoryTransport, to: Address, bytes: Uint8Array): void {
    const open = this.#open(from.address, to)
    const target = this.#nodes.get(to)
    if (!open && !this.blackHole) throw new GossipError('UNREACHABLE', `${to} is cut off from ${from.address}`)
    if (open && target === undefined) throw new GossipError('UNREACHABLE', `nobody is at ${to} on this memory network`)
    if (open) from.meet(target!)
    const pair = `${from.address}\n${to}`
    if ((this.#inFlight.get(pair) ?? 0) >= MAX_IN_FLIGHT) throw new GossipError('OVERLOADED', `${MAX_IN_FLIGHT} messages to ${to} are in flight`)
    this.counts.messages++
    this.counts.bytes += bytes.length
    this.tap({ from: from.address, to, bytes })
    if (!open || this.#rng.fraction() < this.lossRate) {
      this.counts.lost++
      return
    }
    const copies = this.#rng.fraction() < this.duplicateRate ? 2 : 1
    for (let copy = 0; copy < copies; copy++) this.#deliver(pair, from.address, to, bytes.slice())
  }

  #deliver(pair: string, from: Address, to: Address, bytes: Uint8Array): void {
    this.#inFlight.set(pair, (this.#inFlight.get(pair) ?? 0) + 1)
    this.#clock.wakeAt(this.#clock.now() + this.#delay(), () => {
      const left = this.#inFlight.get(pair)! - 1
      if (left === 0) this.#inFlight.delete(pair)
      else this.#inFlight.set(pair, left)
      this.#nodes.get(to)?.arrive(from, bytes)
    })
  }

  #delay(): number {
    if (typeof this.delayMs === 'number') return this.delayMs
    const [least, most] = this.delayMs
    return least + this.#rng.fraction() * (most - least)
  }
}
