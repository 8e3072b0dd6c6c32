/** A network in memory for any number of transports, with delay, loss, duplication, cuts and crashes. */

import {
  createRng,
  GossipError,
  isAddress,
  systemClock,
  type Address,
  type Clock,
  type Rng,
  type Transport
} from '@rumormill/protocol/plugin'
import { nextDelayMs, type DelayMs, type Faults, type LinkFaults } from '../faults/faults.ts'
import { Links } from '../faults/links.ts'
import { MemoryTransport, type Medium } from './memory-transport.ts'

/** The options of a network. For further faults, wrap its transports in a fault plan. */
export interface MemoryNetworkOptions extends Partial<
  Pick<Faults, 'loss' | 'delayMs' | 'duplicate'>
> {
  /** The clock. Default: the system clock. With a manual clock, messages arrive only as it advances, and every run is the same. */
  readonly clock?: Clock
  /** The rng for losses, duplicates and delays. Default: a fixed seed. */
  readonly rng?: Rng
  /** The longest message. Default 1 MiB. */
  readonly maxMessageBytes?: number
  /** The most messages under way from one node to another; beyond it, `send` rejects with OVERLOADED. Default 10,000. */
  readonly maxInFlight?: number
}

/** A message that the network accepted. */
export interface MemoryMessage {
  readonly from: Address
  readonly to: Address
  readonly bytes: Uint8Array
}

export interface MemoryNetwork extends LinkFaults {
  /**
   * Creates a transport for `address`, by default the next unused `memory:<n>`. Once it has stopped or was killed, another one
   * may start there. `maxMessageBytes` is that of the network by default; receivers refuse longer messages.
   */
  transport(address?: Address, options?: { maxMessageBytes?: number }): Transport
  /** Stops the node at `address` silently: its sends fail, and sends to it are UNREACHABLE. */
  kill(address: Address): void
  /** Whether a cut drops messages silently. By default sends fail (UNREACHABLE), as over TCP. */
  blackHole: boolean
  /** The faults of further messages, as in the options. */
  loss: number
  delayMs: DelayMs
  duplicate: number
  /** Accepted messages, their bytes, and how many of them were lost (by loss or cuts). */
  readonly counts: { readonly messages: number; readonly bytes: number; readonly lost: number }
  /** Calls `observer` for every accepted message with a copy of its bytes. Returns a function that ends this. */
  tap(observer: (message: MemoryMessage) => void): () => void
}

/** Creates an empty network. */
export function memoryNetwork(options: MemoryNetworkOptions = {}): MemoryNetwork {
  return new Network(options)
}

class Network extends Links implements MemoryNetwork, Medium {
  blackHole = false
  loss: number
  delayMs: DelayMs
  duplicate: number
  readonly counts = { messages: 0, bytes: 0, lost: 0 }
  readonly #clock: Clock
  readonly #rng: Rng
  readonly #maxMessageBytes: number
  readonly #maxInFlight: number
  readonly #named = new Set<Address>()
  readonly #nodes = new Map<Address, MemoryTransport>()
  readonly #inFlight = new Map<string, number>()
  readonly #observers = new Set<(message: MemoryMessage) => void>()

  constructor(options: MemoryNetworkOptions) {
    super()
    this.#clock = options.clock ?? systemClock
    this.#rng = options.rng ?? createRng(1)
    this.loss = options.loss ?? 0
    this.delayMs = options.delayMs ?? 0
    this.duplicate = options.duplicate ?? 0
    this.#maxMessageBytes = options.maxMessageBytes ?? 1024 * 1024
    this.#maxInFlight = options.maxInFlight ?? 10_000
  }

  transport(
    address: Address = this.#nextAddress(),
    options: { maxMessageBytes?: number } = {}
  ): Transport {
    if (!isAddress(address))
      throw new GossipError('INVALID_ADDRESS', 'the address of the node is not valid in views')
    this.#named.add(address)
    return new MemoryTransport(this, address, options.maxMessageBytes ?? this.#maxMessageBytes)
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
    const isOpen = this.isOpen(from, to)
    if (!isOpen && !this.blackHole)
      throw new GossipError('UNREACHABLE', `${to} is cut off from ${from}`)
    if (isOpen && target === undefined)
      throw new GossipError('UNREACHABLE', `there is no node at ${to} on this network`)
    if (isOpen) this.#greet(sender, target!)
    const pair = `${from}\n${to}`
    if ((this.#inFlight.get(pair) ?? 0) >= this.#maxInFlight) {
      throw new GossipError('OVERLOADED', `${this.#maxInFlight} messages to ${to} are in flight`)
    }
    this.counts.messages++
    this.counts.bytes += bytes.length
    for (const observer of this.#observers) observer({ from, to, bytes: bytes.slice() })
    if (!isOpen || this.#rng.fraction() < this.loss) {
      this.counts.lost++
      return
    }
    const copies = this.#rng.fraction() < this.duplicate ? 2 : 1
    for (let copy = 0; copy < copies; copy++) this.#deliver(pair, from, target!, bytes.slice())
  }

  /** Reports a mismatch of labels to both nodes, which then exchange no messages. */
  #greet(sender: MemoryTransport, target: MemoryTransport): void {
    if (sender.protocol === target.protocol) return
    const words = `${sender.address} speaks ${sender.protocol}, ${target.address} speaks ${target.protocol}`
    this.#clock.wakeAt(this.#clock.now(), () =>
      target.fail(new GossipError('PROTOCOL_MISMATCH', words))
    )
    throw new GossipError('PROTOCOL_MISMATCH', words)
  }

  /** Delivers only to the given transport: one that starts later at its address may be of another group. */
  #deliver(pair: string, from: Address, target: MemoryTransport, bytes: Uint8Array): void {
    this.#inFlight.set(pair, (this.#inFlight.get(pair) ?? 0) + 1)
    this.#clock.wakeAt(this.#clock.now() + nextDelayMs(this.delayMs, this.#rng), () => {
      const left = this.#inFlight.get(pair)! - 1
      if (left === 0) this.#inFlight.delete(pair)
      else this.#inFlight.set(pair, left)
      if (this.isOpen(from, target.address)) target.arrive(from, bytes)
      else this.counts.lost++
    })
  }

  #nextAddress(): Address {
    let number = this.#named.size + 1
    while (this.#named.has(`memory:${number}`)) number++
    return `memory:${number}`
  }
}
