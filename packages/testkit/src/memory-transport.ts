/** One node's end of a memory network: the Transport contract to the letter. */
import { GossipError, type Address, type Receiver, type Transport } from '@rumormill/protocol'

/** What connects memory transports. */
export interface Medium {
  readonly maxMessageBytes: number
  /** A transport takes its address, or ADDRESS_UNAVAILABLE is thrown. */
  enter(transport: MemoryTransport): void
  leave(transport: MemoryTransport): void
  /** Takes a message, or throws why not. */
  take(from: MemoryTransport, to: Address, bytes: Uint8Array): void
}

export class MemoryTransport implements Transport {
  readonly address: Address
  readonly #network: Medium
  #state: 'new' | 'started' | 'stopped' = 'new'
  #receiver: Receiver | undefined
  #protocol = ''

  constructor(network: Medium, address: Address) {
    this.#network = network
    this.address = address
  }

  get maxMessageBytes(): number {
    return this.#network.maxMessageBytes
  }

  async start(receiver: Receiver, { protocol }: { protocol: string }): Promise<Address> {
    if (this.#state !== 'new') throw new GossipError('ALREADY_STARTED', 'a transport starts once')
    this.#network.enter(this)
    this.#state = 'started'
    this.#receiver = receiver
    this.#protocol = protocol
    return this.address
  }

  async send(to: Address, bytes: Uint8Array, { signal }: { signal: AbortSignal }): Promise<void> {
    signal.throwIfAborted()
    if (this.#state !== 'started') throw new GossipError('NOT_RUNNING', 'this transport is not running')
    if (to === this.address) throw new GossipError('INVALID_ADDRESS', `${to} is this node's own address`)
    if (bytes.length > this.maxMessageBytes) {
      throw new GossipError('MESSAGE_TOO_LARGE', `${bytes.length} bytes exceed maxMessageBytes (${this.maxMessageBytes})`)
    }
    this.#network.take(this, to, bytes)
  }

  async stop(): Promise<void> {
    this.kill()
  }

  /** Gone, at once. */
  kill(): void {
    this.#state = 'stopped'
    this.#network.leave(this)
  }

  /** Both ends of a first contact compare their labels; each is told when they differ. */
  meet(other: MemoryTransport): void {
    if (this.#protocol === other.#protocol) return
    other.#receiver?.fail(mismatch(other.#protocol, this.#protocol, this.address))
    throw mismatch(this.#protocol, other.#protocol, other.address)
  }

  arrive(from: Address, bytes: Uint8Array): void {
    if (this.#state !== 'started') return
    try {
      this.#receiver!.receive(from, bytes)
    } catch (error) {
      this.#receiver!.fail(new GossipError('TRANSPORT_FAILED', 'the receiver threw', { cause: error }))
    }
  }
}

function mismatch(ours: string, theirs: string, peer: Address): GossipError {
  return new GossipError('PROTOCOL_MISMATCH', `this node speaks ${ours}, ${peer} speaks ${theirs}`)
}
