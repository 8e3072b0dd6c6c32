/** The state machine of a connection, which is the same at both ends. */

import type { Socket } from 'node:net'
import { GossipError, toGossipError, type Address } from '@rumormill/protocol/plugin'
import {
  endsInPeace,
  evictionError,
  farewellError,
  isTurnedAway,
  packFrames,
  packGoodbye,
  silenceError,
  StreamReader,
  StreamWriter,
  type GoodbyeReason,
  type Holder
} from '@rumormill/stream-transport'
import { asLoss, breachError, endedError, refusalOf } from './connection-errors.ts'
import { ConnectionFacts } from './connection-facts.ts'
import type { ConnectionEvents, ConnectionShare } from './connection-share.ts'
import { nowMs, overdue, type ConnectionTimes } from './deadlines.ts'
import { destroyLate } from './destroy-late.ts'
import { MAX_HELLO_BYTES } from './hello.ts'
import { writeTogether } from './write-together.ts'

/**
 * The high-water mark of a socket's reads. It exceeds the 64 KiB of one chunk: otherwise each chunk of a large message would
 * pause and resume the socket. Messages are consumed at once, so no memory is held.
 */
export const READ_AHEAD_BYTES = 131_072

export class Connection extends ConnectionFacts implements ConnectionTimes, Holder {
  heldBytes = 0
  /** Resolves once the socket is gone. */
  readonly ended: Promise<void>
  readonly #socket: Socket
  readonly #share: ConnectionShare
  readonly #events: ConnectionEvents<Connection>
  readonly #reader: StreamReader
  readonly #writer: StreamWriter
  #flushing = false
  #socketError: Error | undefined
  #farewell: GossipError | undefined

  /** `address` must be given for a connection that this node dials, and only then. */
  constructor(
    socket: Socket,
    share: ConnectionShare,
    events: ConnectionEvents<Connection>,
    address?: Address
  ) {
    super(address)
    this.#socket = socket
    this.#share = share
    this.#events = events
    const { maxMessageBytes, limits, deadlines } = share.config
    const sizes = { helloBytes: MAX_HELLO_BYTES, messageBytes: maxMessageBytes }
    this.#reader = new StreamReader(sizes, share.partial, {
      ping: (number) => this.#answer(number),
      pong: (number, receivedBytes) => this.#acknowledged(number, receivedBytes),
      arriving: () => this.#events.arriving(this),
      goodbye: (reason) => this.#dismissed(reason)
    })
    this.#writer = new StreamWriter({ ...limits, ...deadlines }, share, this, this.sinceMs)
    this.#narrow(this.sinceMs)
    socket.on('error', (error) => {
      this.#socketError = error
    })
    this.ended = new Promise((resolve) => {
      socket.on('close', () => {
        this.#lost()
        resolve()
      })
    })
    if (this.state === 'greeting') this.#read()
  }

  /** Whether closing it would lose no message. */
  get isIdle(): boolean {
    return this.state === 'open' && this.#writer.isEmpty && !this.#reader.partial
  }

  get queuedBytes(): number {
    return this.#writer.queuedBytes
  }

  get partialSinceMs(): number {
    return this.#reader.partialSinceMs
  }

  get stalledSinceMs(): number {
    return this.#writer.pace.stalledSinceMs
  }

  /** Closes the connection because all send queues together are full. */
  evict(): void {
    this.#share.counters.refuse('queued-full')
    this.close(evictionError(this.address ?? 'a peer'))
  }

  /** Sends the hello after the dialled host accepted. */
  connected(hello: Uint8Array): void {
    if (this.state !== 'connecting') return
    this.state = 'greeting'
    this.sinceMs = nowMs()
    this.#socket.write(packFrames([hello])[0]!)
    this.#read()
  }

  /** Opens the connection for messages, after the hellos agreed. An inbound connection first answers with its own `hello`. */
  open(address: Address, hello?: Uint8Array): void {
    this.address = address
    this.state = 'open'
    this.opened = true
    this.lastUsedMs = nowMs()
    this.#narrow(this.lastUsedMs)
    if (hello !== undefined) this.#socket.write(packFrames([hello])[0]!)
    this.#writer.pace.received(this.lastUsedMs)
    this.#scheduleFlush()
  }

  /** Queues a message, which is sent once the connection is open. */
  send(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    const taken = this.#writer.add(bytes, signal)
    if (taken === undefined) {
      this.#share.counters.refuse('queue-full')
      return Promise.reject(
        new GossipError('OVERLOADED', `the send queue of ${this.address} is full`)
      )
    }
    if (this.state === 'open') this.#scheduleFlush()
    return taken
  }

  /**
   * Closes the connection; `lastBytes` are still sent. Rejects the queued messages with `error`, which is not reported again
   * if it `wasReported` before. Idempotent.
   */
  close(error: GossipError, lastBytes?: Uint8Array, wasReported: boolean = false): void {
    if (this.state === 'closed') return
    if (lastBytes === undefined) this.#socket.destroy()
    else {
      destroyLate(this.#socket.end(lastBytes))
      this.#socket.destroySoon()
    }
    this.#closed(error, wasReported)
  }

  /** Notifies the peer that another running node has its address. */
  contest(): void {
    if (this.state === 'open') this.#socket.write(packGoodbye('identity-in-use'))
  }

  /** When the last bytes of the peer arrived. */
  get lastReceivedMs(): number {
    return this.#writer.pace.lastReceivedMs
  }

  /** Closes the connection after a goodbye with the reason. */
  dismiss(error: GossipError, reason: GoodbyeReason): void {
    // A peer that this node dismisses does not count as lost.
    this.endsInPeace = true
    this.close(error, this.opened ? packGoodbye(reason) : undefined)
  }

  /**
   * Closes the connection once the peer has read everything, or half a second later. If it were closed at once with unread
   * bytes here, the operating system would discard bytes that are still on their way.
   */
  leave(error: GossipError): void {
    if (this.state !== 'open' || !this.#writer.isEmpty) return this.close(error)
    destroyLate(this.#socket)
    this.#socket.end(packGoodbye('stopping'))
    this.#closed(error)
  }

  #closed(error: GossipError, wasReported: boolean = false): void {
    this.state = 'closed'
    if (this.opened && !this.endsInPeace)
      this.#share.narrow.ended(this.address!, this.#writer.pace, nowMs())
    this.#reader.drop()
    const rejects = !this.#writer.isEmpty && !this.opened
    this.#writer.fail(this.opened ? asLoss(error) : error)
    this.#events.closed(this, error, rejects || wasReported)
  }

  /** Returns for how many milliseconds no deadline can pass and no ping can be due, the idle deadline excepted. */
  calmMs(now: number): number {
    const isCalm = this.state === 'open' && !this.#reader.partial
    return isCalm ? this.#writer.calmMs(now, this.watched) : 0
  }

  /** Closes the connection if a deadline has passed; pings a silent peer. */
  checkDeadlines(now: number): void {
    const { failure } = this.#reader
    if (failure !== undefined) return this.#refuse(failure)
    const breach = overdue(this, this.#share.config.deadlines, now)
    if (breach === 'idle') return this.#idle()
    if (breach !== undefined) {
      this.#share.counters.refuse(breach)
      return this.close(breachError(breach, this.address ?? 'a peer'))
    }
    if (this.state !== 'open') return
    const silentMs = this.#writer.pace.deadMs(now)
    if (silentMs !== undefined) {
      this.#share.counters.refuse('silent')
      return this.close(silenceError(this.address!, silentMs))
    }
    this.#narrow(now)
    this.#writer.checkSilence(now, this.watched)
    this.#scheduleFlush()
  }

  #narrow(now: number): void {
    this.#writer.pace.isNarrow = this.#share.narrow.isNarrow(this.address ?? '', now)
  }

  #idle(): void {
    this.#share.counters.refuse('idle')
    const error = new GossipError('CONNECTION_LOST', `the connection to ${this.address} was idle`)
    this.dismiss(error, 'idle')
  }

  /** Starts to read: each chunk is split into frames, which are handled at once. Unread bytes wait in the kernel. */
  #read(): void {
    this.#socket.on('data', (chunk: Uint8Array) => {
      try {
        this.#take(chunk)
      } catch (error) {
        this.#failed(error)
      }
    })
    this.#socket.on('end', () => this.#lost())
  }

  #take(chunk: Uint8Array): void {
    // Bytes are ignored, but must still be read so that the last bytes sent to the peer arrive.
    if (this.state === 'closed') return
    const now = nowMs()
    this.#writer.pace.received(now)
    const messages = this.#reader.read(chunk, now)
    if (messages.length > 0) this.lastUsedMs = now
    if (messages.length > 0 && this.state === 'open') this.#spoke()
    this.#share.counters.receivedBytes += chunk.length
    if (messages.length > 0 && this.state === 'greeting') void this.#greet(messages)
    else if (messages.length > 0 && this.state === 'open') this.#events.received(this, messages)
    if (this.#reader.failure !== undefined) this.#refuse(this.#reader.failure)
  }

  /** Handles a goodbye. */
  #dismissed(reason: GoodbyeReason | undefined): void {
    // The connection stays open: the peer has accepted this node, and refused another node with its address.
    if (reason === 'identity-in-use' && this.state === 'open') this.#events.contested(this)
    this.endsInPeace = endsInPeace(reason)
    this.wasTurnedAway = isTurnedAway(reason)
    this.#farewell = farewellError(this.address!, 'connection', reason)
  }

  #spoke(): void {
    if (this.hasSpoken) return
    this.hasSpoken = true
    this.#events.spoke(this)
  }

  #answer(number: number): void {
    this.#writer.answer(number, this.#reader.receivedBytes)
    this.#scheduleFlush()
  }

  #acknowledged(number: number, receivedBytes: number): void {
    this.#writer.acknowledged(number, receivedBytes, nowMs())
    if (this.state === 'open') this.#spoke()
    this.#scheduleFlush()
  }

  /** Pauses reading until the hello is checked; then delivers the frames that arrived with it. */
  async #greet(frames: Uint8Array[]): Promise<void> {
    this.#socket.pause()
    try {
      await this.#events.greet(this, frames.shift()!)
      if (this.state !== 'open') return
      if (frames.length > 0) this.#spoke()
      this.#events.received(this, frames)
      this.#socket.resume()
    } catch (error) {
      this.#failed(error)
    }
  }

  #scheduleFlush(): void {
    if (this.#flushing || this.state !== 'open' || !this.#writer.isReady) return
    if (this.#writer.writes >= MAX_WRITES) return
    // Control frames that the peer does not read stay in this queue.
    const controlBytes = this.#socket.writableLength - this.#writer.writtenBytes
    if (controlBytes > READ_AHEAD_BYTES) return
    this.#flushing = true
    setImmediate(this.#flush)
  }

  /** Sends in one write what was queued in this turn of the event loop, or while earlier writes were pending. */
  readonly #flush = (): void => {
    this.#flushing = false
    if (this.state !== 'open') return
    const now = nowMs()
    const { writes } = this.#writer
    const next = this.#writer.next(now)
    if (next === undefined) return
    const { pieces, messages, isAwaited } = next
    if (isAwaited) {
      this.lastUsedMs = now
      if (writes === 0) this.writeBegunMs = now
      this.#share.counters.sentMessages += messages
    }
    for (const piece of pieces) this.#share.counters.sentBytes += piece.length
    writeTogether(this.#socket, pieces, isAwaited ? this.#taken : undefined)
    this.#scheduleFlush()
  }

  readonly #taken = (error?: Error | null): void => {
    if (error != null || this.state !== 'open') return
    this.#writer.taken()
    this.writeBegunMs = this.#writer.writes === 0 ? 0 : nowMs()
    this.#scheduleFlush()
  }

  /** Closes the connection after the peer or the network ended it. */
  #lost(): void {
    if (this.#farewell !== undefined) return this.close(this.#farewell)
    this.close(endedError(this, this.#socketError))
  }

  /** Closes the connection after an error of reading. A bug here, or a lack of memory, must not end the process. */
  #failed(error: unknown): void {
    if (error instanceof GossipError) this.#refuse(error)
    else this.close(toGossipError(error, 'TRANSPORT_FAILED', 'reading failed'))
  }

  /** Closes the connection because the bytes of the peer cannot be read. */
  #refuse(error: GossipError): void {
    if (this.state === 'closed') return
    const refusal = refusalOf(error.code)
    this.#share.counters.refuse(
      this.state === 'greeting' && refusal !== 'other-protocol' ? 'no-hello' : refusal
    )
    this.close(error)
  }
}

/** Two, so that the socket already has the next write when it has taken one. */
const MAX_WRITES = 2
