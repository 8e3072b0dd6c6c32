/** Frames for hand-made peers that request contents of a node: see docs/wire-tcp.md. */

import { binaryCodec } from '@rumormill/codec-binary'
import { digestOf } from '@rumormill/protocol'
import { digestFromHex, packDigests } from '@rumormill/protocol/plugin'
import { ByteBudget, packFrames, pongFrame, StreamReader } from '@rumormill/stream-transport'
import { contentOf, numberIn } from './submissions.ts'

const codec = binaryCodec()

/** Requests for the contents with the numbers 0 to `updates`, each of `bytes` bytes. */
export class Requests {
  readonly #digests: readonly Uint8Array[]
  #next = 0

  constructor(updates: number, bytes: number) {
    this.#digests = Array.from({ length: updates }, (_, id) =>
      digestFromHex(digestOf(contentOf(id, bytes)))!
    )
  }

  /** Returns the numbers of the next `count` contents to request. */
  next(count: number): number[] {
    return Array.from({ length: count }, () => this.#next++ % this.#digests.length)
  }

  /** Returns the frame of a request for `ids`. */
  frame(ids: readonly number[]): Uint8Array {
    const digests = packDigests(ids.map((id) => this.#digests[id]!))
    return frameOf(codec.encode({ kind: 'content-request', digests }))
  }
}

/** Returns the frame of a message. */
export function frameOf(message: Uint8Array): Uint8Array {
  return Buffer.concat(packFrames([message]))
}

/** Reads as a correct node does, and collects the numbers of the contents that arrive. */
export class ContentReader {
  readonly contents: Set<number> = new Set()
  readonly #reader: StreamReader
  #isGreeted = false
  #ping: number | undefined

  constructor() {
    const limits = { helloBytes: 1024, messageBytes: 2 ** 20 }
    this.#reader = new StreamReader(limits, new ByteBudget(2 ** 24), {
      ping: (number) => {
        this.#ping = number
      },
      pong: () => {},
      goodbye: () => {}
    })
  }

  /** Reads a chunk. Returns the pongs for its pings, if any: without them the node stops sending. */
  read(chunk: Uint8Array): Uint8Array | undefined {
    for (const bytes of this.#reader.read(chunk, performance.now())) {
      // The first message is a hello.
      const message = this.#isGreeted ? codec.decode(bytes) : undefined
      this.#isGreeted = true
      if (message?.kind !== 'content-response') continue
      for (const content of message.contents) this.contents.add(numberIn(content))
    }
    if (this.#ping === undefined) return undefined
    const pong = pongFrame(this.#ping, this.#reader.receivedBytes)
    this.#ping = undefined
    return Buffer.concat(packFrames([pong]))
  }
}
