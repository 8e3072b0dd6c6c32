/** Sends messages, with a limit per peer, so that a peer that reads nothing uses little memory and delays no other. */

import { GossipError, toGossipError } from '../model/errors.ts'
import type { Message, Send } from '../model/message.ts'
import type { Address } from '../model/peer.ts'
import type { SendingConfig } from '../options/options.ts'
import type { Codec } from '../ports/codec.ts'
import type { Transport } from '../ports/transport.ts'

/** Callbacks with the result of each message. Never called from inside `send`. */
export interface OutboxOwner {
  sent(send: Send, bytes: number): void
  /** `unreachable` is whether the cause is the peer. */
  sendFailed(send: Send, error: GossipError, unreachable: boolean): void
}

/** Error codes whose cause is not the peer: the message was invalid, or too many were in flight. */
const OWN_FAILURES: readonly string[] = [
  'OVERLOADED',
  'MESSAGE_TOO_LARGE',
  'MALFORMED_MESSAGE',
  'NOT_RUNNING'
]

interface Load {
  messages: number
  bytes: number
}

export class Outbox {
  readonly #transport: Transport
  readonly #codec: Codec
  readonly #config: SendingConfig
  readonly #owner: OutboxOwner
  readonly #stopping = new AbortController()
  /** Messages that the network has not taken yet, by peer. */
  readonly #loads = new Map<Address, Load>()
  readonly #total: Load = { messages: 0, bytes: 0 }
  /** The last message with contents, because the same contents are often sent to several peers in turn. */
  #last: { readonly message: Message; readonly encoded: Uint8Array } | undefined

  constructor(transport: Transport, codec: Codec, config: SendingConfig, owner: OutboxOwner) {
    this.#transport = transport
    this.#codec = codec
    this.#config = config
    this.#owner = owner
  }

  get messages(): number {
    return this.#total.messages
  }

  get bytes(): number {
    return this.#total.bytes
  }

  send(send: Send): void {
    const encoded = this.#encode(send.message)
    if (encoded instanceof GossipError) return this.#refuse(send, encoded)
    const bytes = encoded.length
    const load = this.#loads.get(send.to) ?? { messages: 0, bytes: 0 }
    if (
      load.messages >= this.#config.maxMessagesPerPeer ||
      load.bytes + bytes > this.#config.maxBytesPerPeer
    ) {
      const why = `${load.messages} messages of ${load.bytes} bytes to this peer are in flight (sending.maxMessagesPerPeer, maxBytesPerPeer)`
      return this.#refuse(send, new GossipError('OVERLOADED', why))
    }
    this.#loads.set(send.to, load)
    this.#add(load, 1, bytes)
    void this.#handOver(send.to, encoded).then(
      () => this.#settled(send, load, bytes),
      (error: unknown) => this.#settled(send, load, bytes, { error })
    )
  }

  /** Aborts the messages in flight. */
  stop(): void {
    this.#stopping.abort(new GossipError('NOT_RUNNING', 'this node has stopped'))
  }

  /** Calls the transport. A faulty one may throw, or return no promise. */
  #handOver(to: Address, encoded: Uint8Array): Promise<void> {
    try {
      return Promise.resolve(this.#transport.send(to, encoded, { signal: this.#stopping.signal }))
    } catch (error) {
      return Promise.reject(error)
    }
  }

  /** Encodes a message, unless it has the same contents as the last one. */
  #encode(message: Message): Uint8Array | GossipError {
    if (this.#last !== undefined && haveSameContents(message, this.#last.message))
      return this.#last.encoded
    try {
      const encoded = this.#codec.encode(message)
      if ('contents' in message && message.contents.length > 0) this.#last = { message, encoded }
      return encoded
    } catch (error) {
      return toGossipError(
        error,
        'MALFORMED_MESSAGE',
        `${this.#codec.name} could not encode a ${message.kind}`
      )
    }
  }

  #refuse(send: Send, error: GossipError): void {
    void Promise.resolve().then(() => this.#failed(send, error))
  }

  #settled(send: Send, load: Load, bytes: number, failure?: { readonly error: unknown }): void {
    this.#add(load, -1, -bytes)
    if (load.messages === 0) this.#loads.delete(send.to)
    if (failure === undefined) this.#owner.sent(send, bytes)
    else this.#failed(send, failure.error)
  }

  #failed(send: Send, error: unknown): void {
    if (this.#stopping.signal.aborted) return
    const cause = toGossipError(error, 'TRANSPORT_FAILED', `sending to ${send.to}`)
    this.#owner.sendFailed(send, cause, !OWN_FAILURES.includes(cause.code))
  }

  #add(load: Load, messages: number, bytes: number): void {
    for (const each of [load, this.#total]) {
      each.messages += messages
      each.bytes += bytes
    }
  }
}

/** Returns whether two messages carry the same content objects, along the same tree if any. Contents never change. */
function haveSameContents(one: Message, other: Message): boolean {
  if (!('contents' in one && 'contents' in other) || one.kind !== other.kind) return false
  if ('tree' in one && 'tree' in other && one.tree !== other.tree) return false
  return (
    one.contents.length === other.contents.length &&
    one.contents.every((content, index) => content === other.contents[index]) &&
    one.ages.every((age, index) => age === other.ages[index])
  )
}
