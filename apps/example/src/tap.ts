/** Looking on at a node, from between it and its plugins: the ports are all that it takes. */

import {
  GossipError,
  type Address,
  type Codec,
  type Message,
  type Transport
} from '@rumormill/protocol'
import { toString } from 'uint8arrays'

/** Stands between a node and its plugins. */
export interface Tap {
  transport(inner: Transport): Transport
  codec(inner: Codec): Codec
}

/** Nothing stands between. */
export const noTap: Tap = { transport: (inner) => inner, codec: (inner) => inner }

/** Contents between their arrival and the handler; a node holds back at most 1,024. */
const MAX_REMEMBERED = 2048

/** A tap that sees which peer handed over a content first, counts the copies, and can cut the node off from peers. */
export class WireTap implements Tap {
  readonly #sources = new Map<string, Address>()
  #parted: ReadonlySet<Address> = new Set()
  #from: Address = ''
  #copies = 0

  /** How many contents have arrived, those that were known already among them. */
  get copies(): number {
    return this.#copies
  }

  /** Who handed `content` over first; forgotten after a while. */
  sourceOf(content: string): Address | undefined {
    return this.#sources.get(content)
  }

  /** From now on nothing goes to these peers, and nothing of theirs is heard: all others are reached as before. */
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
      // A node decodes what it receives within `receive`: the sender is the one just noted.
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
