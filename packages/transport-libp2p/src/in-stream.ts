/** An inbound stream: the peer writes, and this node reads. */

import type { Connection, Stream, StreamMessageEvent } from '@libp2p/interface'
import { GossipError, toGossipError } from '@rumormill/protocol/plugin'
import {
  endsInPeace,
  isTurnedAway,
  packFrames,
  packGoodbye,
  pongFrame,
  StreamReader,
  unfinishedError,
  type GoodbyeReason
} from '@rumormill/stream-transport'
import { hostOf, isSameHost, parseAddress } from './address.ts'
import { decodeHello, MAX_HELLO_BYTES } from './hello.ts'
import type { StreamHost } from './stream-host.ts'
import type { PeerStream } from './twins.ts'

/**
 * A stream from one peer. Each `message` event is split into messages that are delivered before the next event, so nothing
 * queues up here. A node that falls behind stops reading from its sockets, and so its peers stop writing.
 */
export class InStream implements PeerStream {
  /** The authenticated peer. */
  readonly peer: string
  /** The host of the peer, as limits count it. */
  readonly remoteHost: string
  readonly direction = 'inbound'
  /** When the peer started, by its hello; 0 when unknown. */
  incarnation = 0
  readonly connection: Connection
  readonly #stream: Stream
  readonly #host: StreamHost
  readonly #closed: (stream: InStream) => void
  readonly #reader: StreamReader
  #greeted = false
  #sinceMs: number
  /** The latest unanswered ping, which waits because the peer does not read. */
  #ping: number | undefined
  #isBlocked = false
  /** Whether this side has closed it. The peer may go on writing until the stream is reset. */
  #isOver = false
  /** Whether the stream is closed only because it is unused. */
  endsInPeace = false

  constructor(
    stream: Stream,
    connection: Connection,
    host: StreamHost,
    closed: (stream: InStream) => void
  ) {
    this.peer = connection.remotePeer.toString()
    this.remoteHost = hostOf(connection.remoteAddr)
    this.#stream = stream
    this.connection = connection
    this.#host = host
    this.#closed = closed
    this.#sinceMs = host.nowMs()
    const sizes = { helloBytes: MAX_HELLO_BYTES, messageBytes: host.config.maxMessageBytes }
    this.#reader = new StreamReader(sizes, host.partial, {
      ping: (number) => {
        this.#ping = number
        this.#answer()
      },
      pong: () => {},
      arriving: () => host.arriving(this.peer),
      goodbye: (reason) => {
        this.endsInPeace = endsInPeace(reason)
        host.dismissed(this.peer, reason)
      }
    })
    stream.addEventListener('drain', () => {
      this.#isBlocked = false
      this.#answer()
    })
    stream.addEventListener('message', (event) => {
      try {
        this.#read(event)
      } catch (error) {
        // A bug, or a lack of memory for a frame, ends this stream and not the process.
        this.#refuse(toGossipError(error, 'TRANSPORT_FAILED', `reading from ${this.peer} failed`))
      }
    })
    stream.addEventListener('remoteCloseWrite', () => {
      void closeGently(stream)
    })
    stream.addEventListener('close', () => this.#ended())
  }

  /** When the last bytes arrived. */
  get lastReceivedMs(): number {
    return this.#sinceMs
  }

  get state(): 'greeting' | 'open' | 'closed' {
    // A peer that has closed its side may already open the next stream.
    if (this.#isOver || this.#stream.remoteWriteStatus !== 'writable') return 'closed'
    return this.#greeted ? 'open' : 'greeting'
  }

  /** Notifies the peer that another running node has its key. */
  contest(): void {
    if (this.#canWrite) this.#stream.send(packGoodbye('identity-in-use'))
  }

  /** Closes the stream. Idempotent. */
  close(error: GossipError): void {
    if (this.#stream.status === 'open') this.#stream.abort(error)
    this.#ended()
  }

  /** Closes the stream after a goodbye. Nothing more is read, and the stream is reset if the peer does not close its side. */
  dismiss(error: GossipError, reason: GoodbyeReason): void {
    const stream = this.#stream
    if (stream.status !== 'open' || stream.writeStatus !== 'writable') return this.close(error)
    this.endsInPeace = true
    stream.send(packGoodbye(reason))
    void closeGently(stream)
    this.#host.departures.add(() => stream.abort(error), this.#host.nowMs())
    if (isTurnedAway(reason)) this.#host.leave(this.connection, error)
    this.#ended()
  }

  /** Returns for how many milliseconds no deadline can pass, the idle deadline excepted. */
  calmMs(): number {
    return this.#greeted && !this.#reader.partial ? Infinity : 0
  }

  checkDeadlines(nowMs: number): void {
    const { helloMs, frameMs, idleMs } = this.#host.config.deadlines
    const { failure, partialSinceMs } = this.#reader
    if (failure !== undefined) return this.#refuse(failure)
    if (!this.#greeted && nowMs - this.#sinceMs >= helloMs) {
      this.#refuse(new GossipError('TIMED_OUT', `${this.peer} opened a stream and sent no hello`))
    } else if (partialSinceMs > 0 && nowMs - partialSinceMs >= frameMs) {
      this.#refuse(unfinishedError(this.peer))
    } else if (nowMs - this.#sinceMs >= 2 * idleMs) {
      // The peer, which writes, closes an idle stream first. Its pings count as use of the stream.
      this.endsInPeace = true
      this.close(new GossipError('CONNECTION_LOST', `the stream from ${this.peer} was idle`))
    }
  }

  #read({ data }: StreamMessageEvent): void {
    if (this.#isOver) return
    const nowMs = this.#host.nowMs()
    const messages = this.#reader.read(data.subarray(), nowMs)
    this.#sinceMs = nowMs
    for (const message of messages) {
      if (this.#isOver || this.#stream.status !== 'open') return
      if (this.#greeted) this.#host.deliver(this.peer, message)
      else this.#greet(message)
    }
    if (this.#isOver) return
    if (messages.length > 0) this.#host.spoke(this)
    this.#host.received(this.peer, nowMs)
    if (this.#reader.failure !== undefined) this.#refuse(this.#reader.failure)
  }

  get #canWrite(): boolean {
    const { status, writeStatus } = this.#stream
    return !this.#isOver && !this.#isBlocked && status === 'open' && writeStatus === 'writable'
  }

  /** Answers a ping. Pongs are the only frames that are sent on this stream, except for goodbyes. */
  #answer(): void {
    if (this.#ping === undefined || !this.#canWrite) return
    const pong = packFrames([pongFrame(this.#ping, this.#reader.receivedBytes)])[0]!
    this.#ping = undefined
    this.#isBlocked = !this.#stream.send(pong)
  }

  /**
   * Handles the hello, which must carry an address with the authenticated peer id. If the peer connects from another host than
   * that of the address, this node dials the address to check that the key is there.
   */
  #greet(hello: Uint8Array): void {
    try {
      const { address, incarnation } = decodeHello(hello)
      const claim = parseAddress(address)
      if (claim.peer !== this.peer)
        throw new GossipError('INVALID_ADDRESS', `${this.peer} claims to be ${claim.peer}`)
      this.incarnation = incarnation
      const twin = this.#host.twin(this)
      if (twin !== undefined) return this.dismiss(twin, 'identity-in-use')
      this.#greeted = true
      this.#host.greeted(this.peer, claim.address, this.connection)
      const isVerified =
        claim.multiaddr.getComponents().length === 1 ||
        isSameHost(claim.multiaddr, this.connection.remoteAddr)
      if (!isVerified) this.#host.prove(claim)
    } catch (error) {
      this.#refuse(
        toGossipError(error, 'MALFORMED_MESSAGE', `the hello of ${this.peer} is malformed`)
      )
    }
  }

  #refuse(error: GossipError): void {
    this.#host.counters.refused++
    this.#host.trouble(error)
    this.close(error)
  }

  #ended(): void {
    this.#isOver = true
    this.#reader.drop()
    this.#closed(this)
  }
}

async function closeGently(stream: Stream): Promise<void> {
  try {
    await stream.close()
  } catch (error) {
    stream.abort(error as Error)
  }
}
