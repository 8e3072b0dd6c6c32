/** Messages on their way out: bounded per peer, so that one that takes nothing costs little and delays nobody. */
import { GossipError, toGossipError } from '../errors.ts'
import type { Send } from '../message.ts'
import type { Address } from '../peer.ts'
import type { Codec } from '../ports/codec.ts'
import type { Transport } from '../ports/transport.ts'
import type { SendingConfig } from './options.ts'

/** What becomes of each message. Never called from inside `send`. */
export interface OutboxOwner {
  sent(send: Send, bytes: number): void
  sendFailed(send: Send, error: GossipError): void
}

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
  /** What the network has not taken yet, for peers with any. */
  readonly #loads = new Map<Address, Load>()
  readonly #total: Load = { messages: 0, bytes: 0 }

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
    const encoded = this.#encode(send)
    if (encoded instanceof GossipError) return this.#settle(send, 0, Promise.reject(encoded))
    const bytes = encoded.length
    const load = this.#loads.get(send.to) ?? { messages: 0, bytes: 0 }
    if (load.messages >= this.#config.maxMessagesPerPeer || load.bytes + bytes > this.#config.maxBytesPerPeer) {
      const why = `${load.messages} messages of ${load.bytes} bytes to this peer are in flight (sending.maxMessagesPerPeer, maxBytesPerPeer)`
      return this.#settle(send, bytes, Promise.reject(new GossipError('OVERLOADED', why)))
    }
    this.#loads.set(send.to, load)
    this.#add(load, 1, bytes)
    // The executor turns a throw of a careless transport into a rejection.
    const taken = new Promise<void>((resolve) => {
      resolve(this.#transport.send(send.to, encoded, { signal: this.#stopping.signal }))
    })
    this.#settle(send, bytes, taken.finally(() => {
      this.#add(load, -1, -bytes)
      if (load.messages === 0) this.#loads.delete(send.to)
    }))
  }

  /** Gives up what is in flight. */
  stop(): void {
    this.#stopping.abort(new GossipError('NOT_RUNNING', 'this node has stopped'))
  }

  #encode(send: Send): Uint8Array | GossipError {
    try {
      return this.#codec.encode(send.message)
    } catch (error) {
      return toGossipError(error, 'MALFORMED_MESSAGE', `${this.#codec.name} could not encode a ${send.message.kind}`)
    }
  }

  #settle(send: Send, bytes: number, taken: Promise<void>): void {
    taken.then(
      () => this.#owner.sent(send, bytes),
      (error: unknown) => {
        if (this.#stopping.signal.aborted) return
        this.#owner.sendFailed(send, toGossipError(error, 'TRANSPORT_FAILED', `sending to ${send.to}`))
      }
    )
  }

  #add(load: Load, messages: number, bytes: number): void {
    for (const each of [load, this.#total]) {
      each.messages += messages
      each.bytes += bytes
    }
  }
}
