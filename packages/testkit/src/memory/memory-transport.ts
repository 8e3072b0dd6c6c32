/** The transport of one node on a memory network; implements the full Transport contract. */

import {
  GossipError,
  isAddress,
  type Address,
  type Receiver,
  type Transport
} from '@rumormill/protocol/plugin'

/** The network that connects memory transports. */
export interface Medium {
  /** Registers a transport at its address. Throws ADDRESS_UNAVAILABLE. */
  enter(transport: MemoryTransport): void
  leave(transport: MemoryTransport): void
  /** Accepts a message, or throws the reason why not. */
  take(from: MemoryTransport, to: Address, bytes: Uint8Array): void
}

export class MemoryTransport implements Transport {
  readonly address: Address
  readonly maxMessageBytes: number
  readonly #network: Medium
  #state: 'new' | 'started' | 'stopped' = 'new'
  #receiver: Receiver | undefined
  #protocol = ''

  constructor(network: Medium, address: Address, maxMessageBytes: number) {
    this.#network = network
    this.address = address
    this.maxMessageBytes = maxMessageBytes
  }

  get protocol(): string {
    return this.#protocol
  }

  async start(receiver: Receiver, { protocol }: { protocol: string }): Promise<Address> {
    if (this.#state !== 'new')
      throw new GossipError('ALREADY_STARTED', 'a transport can be started only once')
    this.#network.enter(this)
    this.#state = 'started'
    this.#receiver = receiver
    this.#protocol = protocol
    return this.address
  }

  async send(to: Address, bytes: Uint8Array, { signal }: { signal: AbortSignal }): Promise<void> {
    if (this.#state !== 'started')
      throw new GossipError('NOT_RUNNING', 'this transport is not running')
    signal.throwIfAborted()
    if (!isAddress(to)) throw new GossipError('INVALID_ADDRESS', 'not an address of this network')
    if (to === this.address)
      throw new GossipError('INVALID_ADDRESS', `${to} is this node's own address`)
    if (bytes.length === 0)
      throw new GossipError('MALFORMED_MESSAGE', 'a message must have at least one byte')
    if (bytes.length > this.maxMessageBytes) throw tooLarge(bytes, this.maxMessageBytes)
    this.#network.take(this, to, bytes)
  }

  /** Does nothing: there are no connections that could be silent. */
  watch(): void {}

  async stop(): Promise<void> {
    this.kill()
  }

  /** Stops at once. */
  kill(): void {
    this.#state = 'stopped'
    this.#network.leave(this)
  }

  /** Handles a message from the network. */
  arrive(from: Address, bytes: Uint8Array): void {
    if (this.#state !== 'started') return
    // The sender may have another limit.
    if (bytes.length > this.maxMessageBytes) return this.fail(tooLarge(bytes, this.maxMessageBytes))
    try {
      this.#receiver!.receive(from, bytes)
    } catch (error) {
      this.fail(new GossipError('TRANSPORT_FAILED', 'the receiver threw', { cause: error }))
    }
  }

  /** Reports an error that concerns no `send`. */
  fail(error: GossipError): void {
    if (this.#state !== 'started') return
    try {
      this.#receiver!.fail(error)
    } catch {
      // An error of `fail` itself cannot be reported anywhere, and must not affect other nodes.
    }
  }
}

function tooLarge(bytes: Uint8Array, limitBytes: number): GossipError {
  return new GossipError(
    'MESSAGE_TOO_LARGE',
    `${bytes.length} bytes exceed maxMessageBytes (${limitBytes})`
  )
}
