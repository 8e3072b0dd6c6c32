/** Observes a node by wrapping its transport and codec. */

import {
  GossipError,
  type Address,
  type Codec,
  type Message,
  type Transport
} from '@rumormill/protocol/plugin'
import { toString } from 'uint8arrays'

/** Wraps the plugins of a node. */
export interface Tap {
  transport(inner: Transport): Transport
  codec(inner: Codec): Codec
}

/** A tap that wraps nothing. */
export const noTap: Tap = { transport: (inner) => inner, codec: (inner) => inner }

/** The most contents whose source is remembered until the handler runs; a node queues at most 1,024. */
const MAX_REMEMBERED = 2048

/** A tap that records which peer sent a content first, counts copies, and can cut the node off from peers. */
export class WireTap implements Tap {
  readonly #sources = new Map<string, Address>()
  #parted: ReadonlySet<Address> = new Set()
  #from: Address = ''
  #copies = 0

  /** How many contents have arrived, including those that the node already had. */
  get copies(): number {
    return this.#copies
  }

  /** Returns the peer that sent `content` first; forgotten after a while. */
  sourceOf(content: string): Address | undefined {
    return this.#sources.get(content)
  }

  /** Blocks all messages to and from these peers, and only these. */
  cut(peers: readonly Address[]): void {
    this.#parted = new Set(peers)
  }

  transport(inner: Transport): Transport {
    return {
      get maxMessageBytes() {
        return inner.maxMessageBytes
      },
      get reachable() {
        return inner.reachable
      },
      start: (receiver, options) =>
        inner.start(
          {
            receive: (from, bytes) => {
              if (this.#parted.has(from)) return
              this.#from = from
              receiver.receive(from, bytes)
            },
            fail: (error) => receiver.fail(error),
            lost: (peer, error) => receiver.lost(peer, error)
          },
          options
        ),
      send: async (to, bytes, options) => {
        if (this.#parted.has(to))
          throw new GossipError('UNREACHABLE', `${to} is on the other side of the cut`)
        return inner.send(to, bytes, options)
      },
      watch: (peers) => inner.watch(peers),
      stop: () => inner.stop()
    }
  }

  codec(inner: Codec): Codec {
    return {
      ...inner,
      // A node decodes messages inside `receive`, so the sender is the one just recorded.
      decode: (bytes) => {
        const message = inner.decode(bytes)
        this.#note(message)
        return message
      }
    }
  }

  #note(message: Message): void {
    if (message.kind !== 'eager-push' && message.kind !== 'content-response') return
    for (const content of message.contents) {
      const text = toString(content)
      this.#copies++
      if (this.#sources.has(text)) continue
      if (this.#sources.size >= MAX_REMEMBERED)
        this.#sources.delete(this.#sources.keys().next().value!)
      this.#sources.set(text, this.#from)
    }
  }
}
