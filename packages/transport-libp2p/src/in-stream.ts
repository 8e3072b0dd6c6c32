/** One direction from one peer: a stream on which the peer writes and this node reads. */

import type { Connection, Stream, StreamMessageEvent } from '@libp2p/interface'
import { FrameCutter } from '@rumormill/framing'
import { GossipError, toGossipError } from '@rumormill/protocol'
import { parseAddress } from './address.ts'
import type { StreamHost } from './stream-host.ts'

/** The longest first frame: an address. */
const MAX_HELLO_BYTES = 256

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Reads as the bytes come: each `message` event is cut and handed over before the next one, so nothing queues up here. A
 * node that falls behind stops reading from its sockets, and so the peers stop writing.
 */
export class InStream {
  /** The authenticated peer. */
  readonly peer: string
  readonly #stream: Stream
  readonly #host: StreamHost
  readonly #closed: (stream: InStream) => void
  readonly #cutter: FrameCutter
  #greeted = false
  #sinceMs: number
  #partialSinceMs = 0

  constructor(
    stream: Stream,
    connection: Connection,
    host: StreamHost,
    closed: (stream: InStream) => void
  ) {
    this.peer = connection.remotePeer.toString()
    this.#stream = stream
    this.#host = host
    this.#closed = closed
    this.#sinceMs = host.nowMs()
    const limits = { firstFrameBytes: MAX_HELLO_BYTES, frameBytes: host.config.maxMessageBytes }
    this.#cutter = new FrameCutter(limits, host.budget)
    stream.addEventListener('message', (event) => {
      try {
        this.#read(event)
      } catch (error) {
        // A fault of ours, or no memory for a frame: it costs this stream, not the process.
        this.#refuse(toGossipError(error, 'TRANSPORT_FAILED', `reading from ${this.peer} failed`))
      }
    })
    stream.addEventListener('remoteCloseWrite', () => {
      stream.close().catch((error: Error) => stream.abort(error))
    })
    stream.addEventListener('close', () => this.#ended())
  }

  /** Ends the stream. Idempotent. */
  close(error: GossipError): void {
    if (this.#stream.status === 'open') this.#stream.abort(error)
    this.#ended()
  }

  checkDeadlines(nowMs: number): void {
    const { helloMs, frameMs, idleMs } = this.#host.config.deadlines
    if (this.#cutter.failure !== undefined) return this.#refuse(this.#cutter.failure)
    if (!this.#greeted && nowMs - this.#sinceMs >= helloMs) {
      this.#refuse(new GossipError('TIMED_OUT', `${this.peer} opened a stream and said nothing`))
    } else if (this.#partialSinceMs > 0 && nowMs - this.#partialSinceMs >= frameMs) {
      this.#refuse(new GossipError('TIMED_OUT', `${this.peer} did not finish a message in time`))
    } else if (nowMs - this.#sinceMs >= 2 * idleMs) {
      // The writing side closes first, and in peace.
      this.close(new GossipError('CONNECTION_LOST', `the stream from ${this.peer} was idle`))
    }
  }

  #read({ data }: StreamMessageEvent): void {
    const frames = this.#cutter.cut(data.subarray())
    const nowMs = this.#host.nowMs()
    if (!this.#cutter.partial) this.#partialSinceMs = 0
    else if (frames.length > 0 || this.#partialSinceMs === 0) this.#partialSinceMs = nowMs
    for (const frame of frames) {
      if (this.#stream.status !== 'open') return
      this.#sinceMs = nowMs
      if (this.#greeted) this.#host.deliver(this.peer, frame)
      else this.#greet(frame)
    }
    if (this.#cutter.failure !== undefined) this.#refuse(this.#cutter.failure)
  }

  /** The peer says where it can be dialled: believed only with the id that its key has proved. */
  #greet(hello: Uint8Array): void {
    try {
      const { address, peer } = parseAddress(utf8.decode(hello))
      if (peer !== this.peer)
        throw new GossipError('INVALID_ADDRESS', `${this.peer} claims to be ${peer}`)
      this.#greeted = true
      this.#host.greeted(peer, address)
    } catch (error) {
      this.#refuse(
        toGossipError(error, 'MALFORMED_MESSAGE', `the hello of ${this.peer} makes no sense`)
      )
    }
  }

  #refuse(error: GossipError): void {
    this.#host.counters.refused++
    this.#host.fail(error)
    this.close(error)
  }

  #ended(): void {
    this.#cutter.drop()
    this.#closed(this)
  }
}
