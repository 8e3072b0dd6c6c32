/** One direction to one peer: a long-lived stream on which this node writes and the peer reads. */

import type { Stream } from '@libp2p/interface'
import { OutQueue, packFrames } from '@rumormill/framing'
import { GossipError, type Address } from '@rumormill/protocol'
import type { PeerAddress } from './address.ts'
import { preferred } from './connections.ts'
import { openingFailed, streamLost } from './failures.ts'
import type { StreamHost } from './stream-host.ts'

/** After what is queued in this turn of the event loop; browsers have no such call, and batch what one task queues. */
const soon: (run: () => void) => unknown =
  (globalThis as { setImmediate?: (run: () => void) => unknown }).setImmediate ?? queueMicrotask

/** Longest wait for the last bytes to arrive when a stream is closed in peace. */
const CLOSE_MS = 1000

export class OutStream {
  readonly peer: string
  address: Address
  state: 'opening' | 'open' | 'closed' = 'opening'
  lastUsedMs: number
  /** Once closed: when what was taken has arrived, or was given up. */
  ended: Promise<void> = Promise.resolve()
  readonly #host: StreamHost
  readonly #closed: (stream: OutStream) => void
  readonly #queue: OutQueue
  readonly #aborting = new AbortController()
  #stream: Stream | undefined
  #flushing = false
  /** When the write began that waits for the stream to drain; 0 when none does. */
  #drainSinceMs = 0

  /** Begins to dial at once. `closed` is called once, at the end. */
  constructor(to: PeerAddress, host: StreamHost, closed: (stream: OutStream) => void) {
    this.peer = to.peer
    this.address = to.address
    this.#host = host
    this.#closed = closed
    this.lastUsedMs = host.nowMs()
    this.#queue = new OutQueue(host.config.limits, host.aborts)
    void this.#open(to)
  }

  get queuedBytes(): number {
    return this.#queue.bytes
  }

  get isIdle(): boolean {
    return this.state === 'open' && this.#queue.isEmpty
  }

  /** The connection that carries the stream is not the one both sides keep. */
  get isSpare(): boolean {
    if (this.state !== 'open') return false
    const kept = preferred(this.#host.config.node, this.peer)
    return kept !== undefined && !kept.streams.includes(this.#stream!)
  }

  send(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    const taken = this.#queue.add(bytes, signal)
    if (taken === undefined)
      return Promise.reject(
        new GossipError('OVERLOADED', `too much waits to be sent to ${this.address}`)
      )
    this.#scheduleFlush()
    return taken
  }

  /** Ends the stream; what waits here is rejected with `error`. Bytes that were taken still leave, if they can. */
  close(error: GossipError): void {
    if (this.state === 'closed') return
    const peaceful = this.isIdle
    this.state = 'closed'
    this.#aborting.abort(error)
    this.#queue.fail(error)
    this.#closed(this)
    const stream = this.#stream
    if (stream === undefined || stream.status !== 'open') return
    if (peaceful) this.ended = closeInPeace(stream)
    else stream.abort(error)
  }

  checkDeadlines(nowMs: number): void {
    const { connectMs, writeMs, idleMs } = this.#host.config.deadlines
    if (this.state === 'opening' && nowMs - this.lastUsedMs >= connectMs) {
      this.#notOpened(new GossipError('UNREACHABLE', `${this.address} did not answer in time`))
    } else if (this.#drainSinceMs > 0 && nowMs - this.#drainSinceMs >= writeMs) {
      this.close(new GossipError('TIMED_OUT', `${this.address} does not read what is sent to it`))
    } else if (this.isIdle && nowMs - this.lastUsedMs >= idleMs) {
      this.close(new GossipError('CONNECTION_LOST', `the stream to ${this.address} was idle`))
    }
  }

  async #open({ multiaddr, address }: PeerAddress): Promise<void> {
    const {
      config: { node },
      protocol,
      backOff
    } = this.#host
    try {
      // Not joined with AbortSignal.timeout: Node 20 may collect that, and then it never fires. The sweep looks instead.
      const { signal } = this.#aborting
      const dialled = preferred(node, this.peer) ?? (await node.dial(multiaddr, { signal }))
      const connection = preferred(node, this.peer) ?? dialled
      this.#use(await connection.newStream(protocol, { signal }))
      backOff.succeeded(address)
    } catch (error) {
      if (this.state === 'closed') return
      this.#notOpened(openingFailed(error, address, protocol))
    }
  }

  #notOpened(failure: GossipError): void {
    this.#host.backOff.failed(this.address, this.#host.nowMs(), failure)
    this.close(failure)
  }

  #use(stream: Stream): void {
    this.#stream = stream
    if (this.state === 'closed') return stream.abort(new Error('no longer wanted'))
    // It may be reset already, and its `close` event gone by.
    if (stream.status !== 'open')
      throw new GossipError('UNREACHABLE', `${this.address} refused the stream`)
    const lost = (cause?: unknown): void => this.close(streamLost(this.address, cause))
    stream.addEventListener('close', (event) => lost(event.error))
    stream.addEventListener('remoteCloseWrite', () => lost())
    stream.addEventListener('drain', () => this.#drained())
    stream.maxWriteBufferLength = this.#host.config.limits.queuedBytesPerLane
    this.state = 'open'
    stream.send(packFrames([new TextEncoder().encode(this.#host.self)])[0]!)
    this.#scheduleFlush()
  }

  #scheduleFlush(): void {
    if (
      this.#flushing ||
      this.state !== 'open' ||
      this.#drainSinceMs > 0 ||
      !this.#queue.hasWaiting
    )
      return
    this.#flushing = true
    soon(this.#flush)
  }

  /** What was queued in this turn of the event loop leaves in one write: a write costs as much as a hundred messages. */
  readonly #flush = (): void => {
    this.#flushing = false
    while (this.state === 'open' && this.#drainSinceMs === 0 && this.#queue.hasWaiting)
      this.#write()
  }

  #write(): void {
    const frames = this.#queue.take()
    this.lastUsedMs = this.#host.nowMs()
    this.#host.counters.sentMessages += frames.length
    let flowing = true
    try {
      for (const piece of packFrames(frames)) {
        flowing = this.#stream!.send(piece)
        this.#host.counters.sentBytes += piece.length
      }
    } catch (error) {
      return this.close(streamLost(this.address, error))
    }
    if (flowing) this.#queue.taken()
    else this.#drainSinceMs = this.lastUsedMs
  }

  #drained(): void {
    if (this.#drainSinceMs === 0 || this.state !== 'open') return
    this.#drainSinceMs = 0
    this.#queue.taken()
    this.#scheduleFlush()
  }
}

/** Ends our side. The peer ends its own when it has read to the end: then all has arrived. */
function closeInPeace(stream: Stream): Promise<void> {
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
