/** A peer that says whatever a test wants, over any transport and codec, and remembers what it was told. */

import {
  GossipError,
  type Address,
  type Codec,
  type Message,
  type Transport
} from '@rumormill/protocol'

export interface HostilePeerOptions {
  /** Belongs to this peer from now on. */
  readonly transport: Transport
  /** That of the group, perhaps with higher caps: else what correct nodes would not send cannot be encoded. */
  readonly codec: Codec
  /** Name of the group, as in `createGossip`. Default `default`. */
  readonly network?: string
  /** What it answers, if anything. Default: nothing, ever. */
  readonly react?: Reaction
}

/** What a hostile peer answers to a message: a message, bytes that need not be one, or nothing. */
export type Reaction = (message: Message, from: Address) => Message | Uint8Array | undefined

/** A message that a hostile peer was sent. */
export interface HeardMessage {
  readonly from: Address
  readonly message: Message
}

/** Nothing runs by itself here, reactions aside: every message is one that a test has said. */
export interface HostilePeer {
  /** Joins the network. Resolves with the peer's address; rejects as the transport does. */
  start(): Promise<Address>
  /** Sends a message. Rejects as codec and transport do. */
  say(to: Address, message: Message): Promise<void>
  /** Sends bytes that need not be a message; the caller keeps them. */
  sayBytes(to: Address, bytes: Uint8Array): Promise<void>
  /** The messages that came, in order. */
  readonly heard: readonly HeardMessage[]
  /** What went wrong: bytes that the codec refused, answers that were not taken, reports of the transport. */
  readonly failures: readonly unknown[]
  /** Replaces the reaction given in the options. */
  react: Reaction
  stop(): Promise<void>
}

/** A peer driven by the caller. It opens nothing before `start`. */
export function hostilePeer(options: HostilePeerOptions): HostilePeer {
  return new DrivenPeer(options)
}

class DrivenPeer implements HostilePeer {
  readonly heard: HeardMessage[] = []
  readonly failures: unknown[] = []
  react: Reaction
  readonly #transport: Transport
  readonly #codec: Codec
  readonly #protocol: string
  readonly #stopping = new AbortController()

  constructor({
    transport,
    codec,
    network = 'default',
    react = () => undefined
  }: HostilePeerOptions) {
    this.#transport = transport
    this.#codec = codec
    this.#protocol = `/rumormill/1/${network}/${codec.name}`
    this.react = react
  }

  start(): Promise<Address> {
    return this.#transport.start(
      {
        receive: (from, bytes) => this.#receive(from, bytes),
        fail: (error) => void this.failures.push(error),
        lost: () => {}
      },
      { protocol: this.#protocol }
    )
  }

  async say(to: Address, message: Message): Promise<void> {
    await this.#send(to, this.#codec.encode(message))
  }

  async sayBytes(to: Address, bytes: Uint8Array): Promise<void> {
    await this.#send(to, bytes.slice())
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new GossipError('NOT_RUNNING', 'this hostile peer has stopped'))
    await this.#transport.stop()
  }

  #send(to: Address, bytes: Uint8Array): Promise<void> {
    return this.#transport.send(to, bytes, { signal: this.#stopping.signal })
  }

  /** A receiver must not throw, so faults of the codec and of the reaction are kept for the test to see. */
  #receive(from: Address, bytes: Uint8Array): void {
    try {
      const message = this.#codec.decode(bytes)
      this.heard.push({ from, message })
      const answer = this.react(message, from)
      if (answer === undefined) return
      const sending =
        answer instanceof Uint8Array ? this.sayBytes(from, answer) : this.say(from, answer)
      sending.catch((error: unknown) => this.failures.push(error))
    } catch (error) {
      this.failures.push(error)
    }
  }
}
