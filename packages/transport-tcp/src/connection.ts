/** A connection, from the first byte to the last. Both ends run the same state machine. */

import type { Socket } from 'node:net'
import { GossipError, toGossipError, type Address } from '@rumormill/protocol'
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
import { MAX_HELLO_BYTES } from './hello.ts'
import { writeTogether } from './write-together.ts'

/**
 * How much a socket may read ahead. More than the 64 KiB of one chunk: else each chunk of a large message would stop
 * the socket and start it again. Messages are taken at once, so this is no memory held.
 */
export const READ_AHEAD_BYTES = 131_072

export class Connection extends ConnectionFacts implements ConnectionTimes, Holder {
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

  /** `address` is given for a connection that this node dials, and only then. */
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

  /** Whether it could be closed without losing anything. */
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

  /** What it has queued costs others too much room. */
  evict(): void {
    this.#share.counters.refuse('queued-full')
    this.close(evictionError(this.address ?? 'a peer'))
  }

  /** The dialled host accepted: says hello and waits for the answer. */
  connected(hello: Uint8Array): void {
    if (this.state !== 'connecting') return
    this.state = 'greeting'
    this.sinceMs = nowMs()
    this.#socket.write(packFrames([hello])[0]!)
    this.#read()
  }

  /** The hellos agree: from now on messages flow. An inbound connection first answers with its own `hello`. */
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

  /** Queues a message; one not yet open keeps it until it is. */
  send(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    const taken = this.#writer.add(bytes, signal)
    if (taken === undefined) {
      this.#share.counters.refuse('queue-full')
      return Promise.reject(
        new GossipError('OVERLOADED', `too much waits to be sent to ${this.address}`)
      )
    }
    if (this.state === 'open') this.#scheduleFlush()
    return taken
  }

  /**
   * Ends the connection; `lastWords` are still sent. What waits here is rejected with `error`, which is not reported if it
   * `wasTold` before. Idempotent.
   */
  close(error: GossipError, lastWords?: Uint8Array, wasTold: boolean = false): void {
    if (this.state === 'closed') return
    if (lastWords !== undefined) this.#socket.end(lastWords)
    if (lastWords !== undefined) this.#socket.destroySoon()
    else this.#socket.destroy()
    this.#closed(error, wasTold)
  }

  /** Tells the peer that another living node has its address. */
  contest(): void {
    if (this.state === 'open') this.#socket.write(packGoodbye('identity-in-use'))
  }

  /** When something was heard last. */
  get lastReceivedMs(): number {
    return this.#writer.pace.lastReceivedMs
  }

  /** Ends the connection and tells the peer why. */
  dismiss(error: GossipError, reason: GoodbyeReason): void {
    // Who is told to go is no loss.
    this.endsInPeace = true
    this.close(error, this.opened ? packGoodbye(reason) : undefined)
  }

  /**
   * Ends the connection when the peer has read all that it was sent, or has had {@link LEAVE_MS} for it. Were it ended at
   * once, with anything unread here, the system would take back what is still on its way.
   */
  leave(error: GossipError): void {
    if (this.state !== 'open' || !this.#writer.isEmpty) return this.close(error)
    const late = setTimeout(() => this.#socket.destroy(), LEAVE_MS)
    this.#socket.once('close', () => clearTimeout(late))
    this.#socket.end(packGoodbye('stopping'))
    this.#closed(error)
  }

  #closed(error: GossipError, wasTold: boolean = false): void {
    this.state = 'closed'
    if (this.opened && !this.endsInPeace)
      this.#share.narrow.ended(this.address!, this.#writer.pace, nowMs())
    this.#reader.drop()
    const rejects = !this.#writer.isEmpty && !this.opened
    this.#writer.fail(this.opened ? asLoss(error) : error)
    this.#events.closed(this, error, rejects || wasTold)
  }

  /** Closes the connection when it has broken a deadline; pings a peer that is silent. */
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

  /** The inbound path: each chunk is cut to whole frames, which are handed over at once. What is not read waits in the kernel. */
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
    // Nothing of the peer's is of interest any more, but all of it must be read for what it was sent to arrive.
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

  /** The peer closes the connection, and says why. */
  #dismissed(reason: GoodbyeReason | undefined): void {
    // It goes on: of two nodes with one address this is the one that was there first, or that can be dialled.
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

  /** Nothing more is read until the hello is judged; frames that came with it are handed over then. */
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
    // What a peer does not read stays here, control frames too.
    if (this.#writer.writes >= MAX_WRITES || this.#socket.writableLength > READ_AHEAD_BYTES) return
    this.#flushing = true
    setImmediate(this.#flush)
  }

  /** What was queued in this turn of the event loop leaves in one write; so does what is queued while writes are pending. */
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

  /** The connection ended without anybody here wanting it. */
  #lost(): void {
    if (this.#farewell !== undefined) return this.close(this.#farewell)
    this.close(endedError(this, this.#socketError))
  }

  /** Reading threw. What is not the peer's fault is one of ours, or no memory for a frame: it costs this connection, not the process. */
  #failed(error: unknown): void {
    if (error instanceof GossipError) this.#refuse(error)
    else this.close(toGossipError(error, 'TRANSPORT_FAILED', 'reading failed'))
  }

  /** What the peer sent cannot be read. */
  #refuse(error: GossipError): void {
    if (this.state === 'closed') return
    const refusal = refusalOf(error.code)
    this.#share.counters.refuse(
      this.state === 'greeting' && refusal !== 'other-protocol' ? 'no-hello' : refusal
    )
    this.close(error)
  }
}

const LEAVE_MS = 500

/** Two, so that the socket has the next write at hand when one is taken. */
const MAX_WRITES = 2
