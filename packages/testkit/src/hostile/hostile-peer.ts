/** A peer that sends arbitrary messages for a test, over any transport and codec, and records the messages to it. */

import {
  GossipError,
  type Address,
  type Codec,
  type Message,
  type Transport
} from '@rumormill/protocol/plugin'

export interface HostilePeerOptions {
  /** The transport, which this peer owns from now on. */
  readonly transport: Transport
  /** The codec of the group, with higher caps if needed to encode what correct nodes would not send. */
  readonly codec: Codec
  /** The network name of the group, as in `createGossip`. Default `default`. */
  readonly network?: string
  /** The reaction to messages. Default: no answer. */
  readonly react?: Reaction
}

/** Returns the answer to a message: a message, arbitrary bytes, or nothing. */
export type Reaction = (message: Message, from: Address) => Message | Uint8Array | undefined

/** A message that a hostile peer received. */
export interface HeardMessage {
  readonly from: Address
  readonly message: Message
}

/** A peer that a test controls: it sends nothing by itself, except for reactions. */
export interface HostilePeer {
  /** Starts the transport. Resolves with the peer's address; rejects as the transport does. */
  start(): Promise<Address>
  /** Sends a message. Rejects as codec and transport do. */
  say(to: Address, message: Message): Promise<void>
  /** Sends arbitrary bytes, which stay the caller's. */
  sayBytes(to: Address, bytes: Uint8Array): Promise<void>
  /** The received messages, in order. */
  readonly heard: readonly HeardMessage[]
  /** The failures: bytes that the codec refused, answers that could not be sent, reports of the transport. */
  readonly failures: readonly unknown[]
  /** The reaction to messages; replaces that of the options. */
  react: Reaction
  stop(): Promise<void>
}

/** Creates a peer that the caller controls. It opens nothing before `start`. */
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

  /** Handles a message. A receiver must not throw, so errors of the codec and the reaction go to `failures`. */
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
