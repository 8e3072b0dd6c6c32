/** One direction to one peer: a long-lived stream on which this node writes and the peer reads. */

import type { Connection, Stream, StreamMessageEvent } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { GossipError, type Address } from '@rumormill/protocol'
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
  unreadError,
  type GoodbyeReason,
  type Holder
} from '@rumormill/stream-transport'
import { dialledHost, hostOf, mayBe, type PeerAddress } from './address.ts'
import { preferred } from './connections.ts'
import { isOtherProtocol, lateError, openingFailed, streamLost } from './failures.ts'
import { encodeHello } from './hello.ts'
import { sayLabel } from './labels.ts'
import type { StreamHost } from './stream-host.ts'

/** After what is queued in this turn of the event loop; browsers have no such call, and batch what one task queues. */
const soon: (run: () => void) => unknown =
  (globalThis as { setImmediate?: (run: () => void) => unknown }).setImmediate ?? queueMicrotask

/** Longest wait for the last bytes to arrive when a stream is closed in peace. */
const CLOSE_MS = 1000

export class OutStream implements Holder {
  readonly peer: string
  /** Where it leads, as limits count it. */
  readonly remoteHost: string
  address: Address
  state: 'opening' | 'open' | 'closed' = 'opening'
  lastUsedMs: number
  /** Whether the peer's silence is to be noticed though nothing is sent to it. */
  watched = false
  /** Whether it was ever open. */
  opened = false
  /** Whether one side closes it because nobody needs it at the moment: the peer is not lost. */
  endsInPeace = false
  /** Once closed: when what was taken has arrived, or was given up. */
  ended: Promise<void> = Promise.resolve()
  readonly #host: StreamHost
  readonly #closed: (stream: OutStream, error: GossipError) => void
  readonly #writer: StreamWriter
  /** What comes back: pongs, and why the peer closes the stream. */
  readonly #reader: StreamReader
  readonly #aborting = new AbortController()
  #stream: Stream | undefined
  #connection: Connection | undefined
  #farewell: GossipError | undefined
  /** Whether the peer does not deal with this node. */
  #isTurnedAway = false
  /** Whether the peer has answered a ping on it. */
  #hasAnswered = false
  #flushing = false
  /** When the write began that waits for the stream to drain; 0 when none does. */
  #drainSinceMs = 0
  /** Whether that write had messages. */
  #drainEndsWrite = false

  /** Begins to dial at once. `closed` is called once, at the end. */
  constructor(
    to: PeerAddress,
    host: StreamHost,
    closed: (stream: OutStream, error: GossipError) => void
  ) {
    this.peer = to.peer
    this.address = to.address
    this.remoteHost = hostOf(to.multiaddr)
    this.#host = host
    this.#closed = closed
    this.lastUsedMs = host.nowMs()
    const { limits, deadlines } = host.config
    this.#writer = new StreamWriter({ ...limits, ...deadlines }, host, this, this.lastUsedMs)
    this.#narrow(this.lastUsedMs)
    this.#reader = new StreamReader({ helloBytes: 0, messageBytes: 0 }, host.partial, {
      ping: () => {},
      pong: (number, receivedBytes) => {
        this.#writer.acknowledged(number, receivedBytes, host.nowMs())
        this.#scheduleFlush()
      },
      goodbye: (reason) => {
        this.endsInPeace = endsInPeace(reason)
        this.#isTurnedAway = isTurnedAway(reason)
        this.#farewell = farewellError(this.address, 'stream', reason)
        if (reason === 'identity-in-use') host.contested(this.address)
      }
    })
    void this.#open(to)
  }

  get queuedBytes(): number {
    return this.#writer.queuedBytes
  }

  get isIdle(): boolean {
    return this.state === 'open' && this.#writer.isEmpty
  }

  /** The connection that carries the stream is not the one both sides keep. */
  get isSpare(): boolean {
    if (this.state !== 'open') return false
    const kept = preferred(this.#host.config.node, this.peer)
    return kept !== undefined && !kept.streams.includes(this.#stream!)
  }

  send(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    const taken = this.#writer.add(bytes, signal)
    if (taken === undefined)
      return Promise.reject(
        new GossipError('OVERLOADED', `too much waits to be sent to ${this.address}`)
      )
    this.#scheduleFlush()
    return taken
  }

  /** Ends the stream; what waits here is rejected with `error`. Bytes that were taken still leave, if they can, and `reason`. */
  close(error: GossipError, reason: GoodbyeReason = this.endsInPeace ? 'idle' : 'stopping'): void {
    if (this.state === 'closed') return
    const peaceful = this.isIdle && error.code !== 'UNREACHABLE'
    this.state = 'closed'
    if (this.opened && !this.endsInPeace)
      this.#host.narrow.ended(this.address, this.#writer.pace, this.#host.nowMs())
    // What opened and was closed without a word was no success either.
    const isFailure = !this.#hasAnswered && !this.endsInPeace && error.code !== 'NOT_RUNNING'
    if (this.#isTurnedAway) this.#host.backOff.turnedAway(this.address, this.#host.nowMs(), error)
    else if (isFailure) this.#host.backOff.failed(this.address, this.#host.nowMs(), error)
    this.#aborting.abort(error)
    this.#writer.fail(error)
    this.#reader.drop()
    this.#closed(this, error)
    const stream = this.#stream
    if (stream === undefined || stream.status !== 'open') return
    if (peaceful) this.ended = closeInPeace(stream, reason)
    else stream.abort(error)
  }

  /** What it has queued costs others too much room. */
  evict(): void {
    this.close(evictionError(this.address))
  }

  checkDeadlines(nowMs: number): void {
    const { connectMs, writeMs, idleMs } = this.#host.config.deadlines
    const { stalledSinceMs } = this.#writer.pace
    const silentMs = this.state === 'open' ? this.#writer.pace.deadMs(nowMs) : undefined
    if (this.state === 'opening' && nowMs - this.lastUsedMs >= connectMs) {
      this.close(lateError(this.address))
    } else if (silentMs !== undefined) {
      // The next message needs another connection: nothing comes through this one.
      const connection = this.#connection
      const error = silenceError(this.address, silentMs)
      this.close(error)
      connection?.abort(error)
    } else if (
      (this.#drainSinceMs > 0 && nowMs - this.#drainSinceMs >= writeMs) ||
      (stalledSinceMs > 0 && nowMs - stalledSinceMs >= writeMs)
    ) {
      this.close(unreadError(this.address))
    } else if (this.isIdle && !this.watched && nowMs - this.lastUsedMs >= idleMs) {
      this.endsInPeace = true
      this.close(new GossipError('CONNECTION_LOST', `the stream to ${this.address} was idle`))
    } else if (this.state === 'open') {
      this.#narrow(nowMs)
      this.#writer.checkSilence(nowMs, this.watched)
      this.#scheduleFlush()
    }
  }

  #narrow(nowMs: number): void {
    this.#writer.pace.isNarrow = this.#host.narrow.isNarrow(this.address, nowMs)
  }

  /** The peer was heard, on whatever stream. */
  received(nowMs: number): void {
    this.#writer.pace.received(nowMs)
  }

  async #open(to: PeerAddress): Promise<void> {
    const { multiaddr, address } = to
    const {
      config: { node },
      protocol
    } = this.#host
    try {
      // Not joined with AbortSignal.timeout: Node 20 may collect that, and then it never fires. The sweep looks instead.
      const { signal } = this.#aborting
      const known = preferred(node, this.peer)
      const dialled = known ?? (await this.#dial(multiaddr, signal))
      const connection = preferred(node, this.peer) ?? dialled
      this.#connection = connection
      this.#use(await connection.newStream(protocol, { signal }))
      if (known === undefined && mayBe(multiaddr, dialled.remoteAddr)) this.#host.proved(to)
    } catch (error) {
      const { deadlines } = this.#host.config
      if (this.#connection !== undefined && isOtherProtocol(error))
        void sayLabel(this.#connection, protocol, deadlines.helloMs)
      if (this.state === 'closed') return
      this.close(openingFailed(error, address, protocol))
    }
  }

  async #dial(multiaddr: Multiaddr, signal: AbortSignal): Promise<Connection> {
    await this.#host.dials.turn(dialledHost(multiaddr), this.#host.nowMs(), signal)
    return this.#host.config.node.dial(multiaddr, { signal })
  }

  #use(stream: Stream): void {
    this.#stream = stream
    if (this.state === 'closed') return stream.abort(new Error('no longer wanted'))
    // It may be reset already, and its `close` event gone by.
    if (stream.status !== 'open')
      throw new GossipError('UNREACHABLE', `${this.address} refused the stream`)
    const lost = (cause?: unknown): void =>
      this.close(this.#farewell ?? streamLost(this.address, cause))
    stream.addEventListener('message', (event) => this.#read(event))
    stream.addEventListener('close', (event) => lost(event.error))
    stream.addEventListener('remoteCloseWrite', () => lost())
    stream.addEventListener('drain', () => this.#drained())
    stream.maxWriteBufferLength = this.#host.config.limits.queuedBytesPerConnection
    this.state = 'open'
    this.opened = true
    this.received(this.#host.nowMs())
    stream.send(packFrames([encodeHello(this.#host.self)])[0]!)
    this.#scheduleFlush()
  }

  #read({ data }: StreamMessageEvent): void {
    // The peer may go on writing until it has closed its side, too.
    if (this.state === 'closed') return
    // It goes on after all: of two nodes of one key this is the one that stays.
    if (this.#isTurnedAway) this.#farewell = undefined
    this.#isTurnedAway = false
    const nowMs = this.#host.nowMs()
    this.received(nowMs)
    this.#reader.read(data.subarray(), nowMs)
    if (this.#farewell !== undefined) return
    if (!this.#hasAnswered) this.#host.backOff.succeeded(this.address)
    this.#hasAnswered = true
    if (this.#reader.failure !== undefined) this.close(this.#reader.failure)
  }

  #scheduleFlush(): void {
    if (this.#flushing || this.state !== 'open' || this.#drainSinceMs > 0 || !this.#writer.isReady)
      return
    this.#flushing = true
    soon(this.#flush)
  }

  /** What was queued in this turn of the event loop leaves in one write: a write costs as much as a hundred messages. */
  readonly #flush = (): void => {
    this.#flushing = false
    while (this.state === 'open' && this.#drainSinceMs === 0) if (!this.#write()) return
  }

  /** Returns whether there was something to write. */
  #write(): boolean {
    const nowMs = this.#host.nowMs()
    const next = this.#writer.next(nowMs)
    if (next === undefined) return false
    if (next.isAwaited) this.lastUsedMs = nowMs
    this.#host.counters.sentMessages += next.messages
    let flowing = true
    try {
      for (const piece of next.pieces) {
        flowing = this.#stream!.send(piece)
        this.#host.counters.sentBytes += piece.length
      }
    } catch (error) {
      this.close(streamLost(this.address, error))
      return false
    }
    if (!flowing) {
      this.#drainSinceMs = nowMs
      this.#drainEndsWrite = next.isAwaited
    } else if (next.isAwaited) this.#writer.taken()
    return true
  }

  #drained(): void {
    if (this.#drainSinceMs === 0 || this.state !== 'open') return
    this.#drainSinceMs = 0
    if (this.#drainEndsWrite) this.#writer.taken()
    this.#scheduleFlush()
  }
}

/** Ends our side. The peer ends its own when it has read to the end: then all has arrived. */
function closeInPeace(stream: Stream, reason: GoodbyeReason): Promise<void> {
  try {
    stream.send(packGoodbye(reason))
  } catch {
    // It is closing already.
  }
  return new Promise((resolve) => {
    const late = setTimeout(resolve, CLOSE_MS)
    stream.addEventListener('close', () => {
      clearTimeout(late)
      resolve()
    })
    stream
      .close({ signal: AbortSignal.timeout(CLOSE_MS) })
      .catch((error: Error) => stream.abort(error))
  })
}
