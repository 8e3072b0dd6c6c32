/** An outbound stream: this node writes, and the peer reads. It stays open for many messages. */

import type { Connection, Stream, StreamMessageEvent } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import { GossipError, type Address } from '@rumormill/protocol/plugin'
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

/** Runs a function after this turn of the event loop. Browsers have no `setImmediate`, and run it after the current task. */
const soon: (run: () => void) => unknown =
  (globalThis as { setImmediate?: (run: () => void) => unknown }).setImmediate ?? queueMicrotask

/** How long to wait for the last bytes to arrive when a stream is closed normally. */
const CLOSE_MS = 1000

export class OutStream implements Holder {
  heldBytes = 0
  readonly peer: string
  /** The host of the peer, as limits count it. */
  readonly remoteHost: string
  address: Address
  state: 'opening' | 'open' | 'closed' = 'opening'
  lastUsedMs: number
  /** Whether the peer is pinged when it is silent even if nothing was sent to it. */
  watched = false
  /** Whether it was ever open. */
  opened = false
  /** Whether one side closes it only because it is unused: the peer does not count as lost. */
  endsInPeace = false
  /** After a close: resolves when all written bytes have arrived, or the wait for that has ended. */
  ended: Promise<void> = Promise.resolve()
  readonly #host: StreamHost
  readonly #closed: (stream: OutStream, error: GossipError) => void
  readonly #writer: StreamWriter
  /** Reads the frames that the peer sends back: pongs and goodbyes. */
  readonly #reader: StreamReader
  readonly #aborting = new AbortController()
  #stream: Stream | undefined
  #connection: Connection | undefined
  #farewell: GossipError | undefined
  /** Whether the peer refused this node. */
  #isTurnedAway = false
  /** Whether the peer has answered a ping on it. */
  #hasAnswered = false
  #flushing = false
  /** When the write began that waits for the stream to drain; 0 when there is none. */
  #drainSinceMs = 0
  /** Whether that write had messages. */
  #drainEndsWrite = false

  /** Starts to dial. Calls `closed` once, when the stream closes. */
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

  /** Whether the stream is on another connection than the preferred one. */
  get isSpare(): boolean {
    if (this.state !== 'open') return false
    const kept = preferred(this.#host.config.node, this.peer)
    return kept !== undefined && !kept.streams.includes(this.#stream!)
  }

  send(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    const taken = this.#writer.add(bytes, signal)
    if (taken === undefined)
      return Promise.reject(
        new GossipError('OVERLOADED', `the send queue of ${this.address} is full`)
      )
    this.#scheduleFlush()
    return taken
  }

  /** Closes the stream, and rejects queued messages with `error`. Written bytes and the goodbye are sent if possible. */
  close(error: GossipError, reason: GoodbyeReason = this.endsInPeace ? 'idle' : 'stopping'): void {
    if (this.state === 'closed') return
    const isGraceful = this.isIdle && error.code !== 'UNREACHABLE'
    this.state = 'closed'
    if (this.opened && !this.endsInPeace)
      this.#host.narrow.ended(this.address, this.#writer.pace, this.#host.nowMs())
    // A stream that opened but was closed without an answer counts as a failure, too.
    const isFailure = !this.#hasAnswered && !this.endsInPeace && error.code !== 'NOT_RUNNING'
    if (this.#isTurnedAway) this.#host.backOff.turnedAway(this.address, this.#host.nowMs(), error)
    else if (isFailure) this.#host.backOff.failed(this.address, this.#host.nowMs(), error)
    this.#aborting.abort(error)
    this.#writer.fail(error)
    this.#reader.drop()
    this.#closed(this, error)
    const stream = this.#stream
    if (stream === undefined || stream.status !== 'open') return
    if (isGraceful) this.ended = closeInPeace(stream, reason)
    else stream.abort(error)
  }

  /** Closes the stream because all send queues together are full. */
  evict(): void {
    this.close(evictionError(this.address))
  }

  /** Returns for how many milliseconds no deadline can pass and no ping can be due, the idle deadline excepted. */
  calmMs(nowMs: number): number {
    const isCalm = this.state === 'open' && this.#drainSinceMs === 0
    return isCalm ? this.#writer.calmMs(nowMs, this.watched) : 0
  }

  checkDeadlines(nowMs: number): void {
    const { connectMs, writeMs, idleMs } = this.#host.config.deadlines
    const { stalledSinceMs } = this.#writer.pace
    const silentMs = this.state === 'open' ? this.#writer.pace.deadMs(nowMs) : undefined
    if (this.state === 'opening' && nowMs - this.lastUsedMs >= connectMs) {
      this.close(lateError(this.address))
    } else if (silentMs !== undefined) {
      // Nothing arrives on this connection, so the next message needs another one.
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

  /** Notes that bytes of the peer arrived, on any stream. */
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
      // `checkDeadlines` ends a late dial: an AbortSignal.timeout may be garbage-collected in Node 20, and then never fires.
      const { signal } = this.#aborting
      const existing = preferred(node, this.peer)
      const dialled = existing ?? (await this.#dial(multiaddr, signal))
      const connection = preferred(node, this.peer) ?? dialled
      this.#connection = connection
      this.#use(await connection.newStream(protocol, { signal }))
      if (existing === undefined && mayBe(multiaddr, dialled.remoteAddr)) this.#host.proved(to)
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
    if (this.state === 'closed') return stream.abort(new Error('no longer needed'))
    // It may already be reset, after its `close` event.
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
    // The peer may go on writing until it has closed its side.
    if (this.state === 'closed') return
    // The peer keeps the stream open: of two nodes with one key it has accepted this one.
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

  /** Sends in one write what was queued in this turn of the event loop: a write costs as much as a hundred messages. */
  readonly #flush = (): void => {
    this.#flushing = false
    while (this.state === 'open' && this.#drainSinceMs === 0) if (!this.#write()) return
  }

  /** Writes once; returns false when there was nothing to write, or the write failed. */
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

/** Closes this side. Resolves when the peer closes its side, because it has then read everything, or after a timeout. */
function closeInPeace(stream: Stream, reason: GoodbyeReason): Promise<void> {
  try {
    stream.send(packGoodbye(reason))
  } catch {
    // The stream is already closing.
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
