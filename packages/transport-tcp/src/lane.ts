/** A lane: one connection, from the first byte to the last. Both ends of a connection have the same machine. */

import type { Socket } from 'node:net'
import {
  type AbortWatch,
  FrameCutter,
  OutQueue,
  packFrames,
  type PartialBudget
} from '@rumormill/framing'
import { GossipError, toGossipError, type Address } from '@rumormill/protocol'
import type { TcpConfig } from './config.ts'
import { nowMs, overdue, type Breach, type LaneState, type LaneTimes } from './deadlines.ts'
import { MAX_HELLO_BYTES } from './hello.ts'
import type { Counters, Refusal } from './stats.ts'

/** What all lanes of a transport share. */
export interface LaneShare {
  readonly config: TcpConfig
  readonly counters: Counters
  readonly budget: PartialBudget
  readonly aborts: AbortWatch
}

/** What happens to a lane, told to who made it. */
export interface LaneEvents {
  /** The peer's hello came; nothing more is read until this settles. It calls `open`, or `close` to refuse. */
  greet(lane: Lane, hello: Uint8Array): Promise<void>
  /** Whole frames came on an open lane. Does not throw. */
  received(lane: Lane, frames: readonly Uint8Array[]): void
  /** The lane is closed. `told` says whether some `send` was rejected with `error`, or `close` said so. Called once. */
  closed(lane: Lane, error: GossipError, told: boolean): void
}

/**
 * How much a socket may read ahead. More than the 64 KiB of one chunk: else each chunk of a large message would stop
 * the socket and start it again. Messages are taken at once, so this is no memory held.
 */
export const READ_AHEAD_BYTES = 131_072

export class Lane implements LaneTimes {
  readonly direction: 'inbound' | 'outbound'
  state: LaneState
  sinceMs: number = nowMs()
  frameBegunMs = 0
  writeBegunMs = 0
  lastUsedMs = 0
  /** The peer, as `from` and `to`: the address that was dialled, or the verified one of an inbound hello. */
  address: Address | undefined
  /** Whether it was ever open. */
  opened = false
  /** Resolves once the socket is gone. */
  readonly ended: Promise<void>
  readonly #socket: Socket
  readonly #share: LaneShare
  readonly #events: LaneEvents
  readonly #cutter: FrameCutter
  readonly #queue: OutQueue
  #flushing = false
  #socketError: Error | undefined

  /** `address` is given for a lane that this node dials, and only then. */
  constructor(socket: Socket, share: LaneShare, events: LaneEvents, address?: Address) {
    this.direction = address === undefined ? 'inbound' : 'outbound'
    this.state = address === undefined ? 'greeting' : 'connecting'
    this.address = address
    this.#socket = socket
    this.#share = share
    this.#events = events
    const { maxMessageBytes, limits } = share.config
    this.#cutter = new FrameCutter(
      { firstFrameBytes: MAX_HELLO_BYTES, frameBytes: maxMessageBytes },
      share.budget
    )
    this.#queue = new OutQueue(limits, share.aborts)
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
    return this.state === 'open' && this.#queue.isEmpty && !this.#cutter.partial
  }

  get queuedBytes(): number {
    return this.#queue.bytes
  }

  /** The dialled host accepted: says hello and waits for the answer. */
  connected(hello: Uint8Array): void {
    if (this.state !== 'connecting') return
    this.state = 'greeting'
    this.sinceMs = nowMs()
    this.#socket.write(packFrames([hello])[0]!)
    this.#read()
  }

  /** The hellos agree: from now on messages flow. An inbound lane first answers with its own `hello`. */
  open(address: Address, hello?: Uint8Array): void {
    this.address = address
    this.state = 'open'
    this.opened = true
    this.lastUsedMs = nowMs()
    if (hello !== undefined) this.#socket.write(packFrames([hello])[0]!)
    this.#scheduleFlush()
  }

  /** Queues a message; one not yet open keeps it until it is. */
  send(bytes: Uint8Array, signal: AbortSignal): Promise<void> {
    const taken = this.#queue.add(bytes, signal)
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
    if (lastWords !== undefined) this.#socket.end(packFrames([lastWords])[0]!)
    if (lastWords !== undefined) this.#socket.destroySoon()
    else this.#socket.destroy()
    this.#closed(error, wasTold)
  }

  /**
   * Ends the connection when the peer has read all that it was sent, or has had {@link LEAVE_MS} for it. Were it ended at
   * once, with anything unread here, the system would take back what is still on its way.
   */
  leave(error: GossipError): void {
    if (this.state !== 'open' || !this.#queue.isEmpty) return this.close(error)
    const late = setTimeout(() => this.#socket.destroy(), LEAVE_MS)
    this.#socket.once('close', () => clearTimeout(late))
    this.#socket.end()
    this.#closed(error)
  }

  #closed(error: GossipError, wasTold: boolean = false): void {
    this.state = 'closed'
    this.#cutter.drop()
    const rejects = !this.#queue.isEmpty && !this.opened
    this.#queue.fail(this.opened ? asLoss(error) : error)
    this.#events.closed(this, error, rejects || wasTold)
  }

  /** Closes the lane when it has broken a deadline. */
  checkDeadlines(now: number): void {
    if (this.#cutter.failure !== undefined) return this.#refuse(this.#cutter.failure)
    const breach = overdue(this, this.#share.config.deadlines, now)
    if (breach === undefined) return
    this.#share.counters.refuse(breach)
    this.close(breachError(breach, this.address ?? 'a peer'))
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
    const cutter = this.#cutter
    const frames = cutter.cut(chunk)
    const now = nowMs()
    if (frames.length > 0) this.lastUsedMs = now
    if (!cutter.partial) this.frameBegunMs = 0
    else if (frames.length > 0 || this.frameBegunMs === 0) this.frameBegunMs = now
    this.#share.counters.receivedBytes += chunk.length
    if (frames.length > 0 && this.state === 'greeting') void this.#greet(frames)
    else if (frames.length > 0 && this.state === 'open') this.#events.received(this, frames)
    if (cutter.failure !== undefined) this.#refuse(cutter.failure)
  }

  /** Nothing more is read until the hello is judged; frames that came with it are handed over then. */
  async #greet(frames: Uint8Array[]): Promise<void> {
    this.#socket.pause()
    try {
      await this.#events.greet(this, frames.shift()!)
      if (this.state !== 'open') return
      this.#events.received(this, frames)
      this.#socket.resume()
    } catch (error) {
      this.#failed(error)
    }
  }

  #scheduleFlush(): void {
    if (this.#flushing || this.#queue.writes >= MAX_WRITES) return
    this.#flushing = true
    setImmediate(this.#flush)
  }

  /** What was queued in this turn of the event loop leaves in one write; so does what is queued while writes are pending. */
  readonly #flush = (): void => {
    this.#flushing = false
    if (this.state !== 'open' || !this.#queue.hasWaiting) return
    this.lastUsedMs = nowMs()
    if (this.#queue.writes === 0) this.writeBegunMs = this.lastUsedMs
    const frames = this.#queue.take()
    this.#share.counters.sentMessages += frames.length
    const pieces = packFrames(frames)
    for (const piece of pieces) this.#share.counters.sentBytes += piece.length
    const last = pieces.length - 1
    if (last > 0) this.#socket.cork()
    for (let index = 0; index < last; index++) this.#socket.write(pieces[index]!)
    this.#socket.write(pieces[last]!, this.#taken)
    if (last > 0) this.#socket.uncork()
    if (this.#queue.hasWaiting) this.#scheduleFlush()
  }

  readonly #taken = (error?: Error | null): void => {
    if (error != null || this.state !== 'open') return
    this.#queue.taken()
    this.writeBegunMs = this.#queue.writes === 0 ? 0 : nowMs()
    if (this.#queue.hasWaiting) this.#scheduleFlush()
  }

  /** The connection ended without anybody here wanting it. */
  #lost(): void {
    const cause = this.#socketError
    const why = cause === undefined ? 'it was closed by the peer' : cause.message
    const message = `the connection to ${this.address ?? 'a peer'} ended: ${why}`
    const unopened = this.direction === 'outbound' && this.state !== 'open'
    this.close(new GossipError(unopened ? 'UNREACHABLE' : 'CONNECTION_LOST', message, { cause }))
  }

  /** Reading threw. What is not the peer's fault is one of ours, or no memory for a frame: it costs this lane, not the process. */
  #failed(error: unknown): void {
    if (error instanceof GossipError) this.#refuse(error)
    else this.close(toGossipError(error, 'TRANSPORT_FAILED', 'reading failed'))
  }

  /** What the peer sent cannot be read. */
  #refuse(error: GossipError): void {
    if (this.state === 'closed') return
    const refusal = REFUSALS[error.code] ?? 'malformed'
    this.#share.counters.refuse(
      this.state === 'greeting' && refusal !== 'other-protocol' ? 'no-hello' : refusal
    )
    this.close(error)
  }
}

const LEAVE_MS = 500

/** Two, so that the socket has the next write at hand when one is taken. */
const MAX_WRITES = 2

const REFUSALS: { readonly [code: string]: Refusal } = {
  PROTOCOL_MISMATCH: 'other-protocol',
  MALFORMED_MESSAGE: 'malformed',
  MESSAGE_TOO_LARGE: 'too-large',
  OVERLOADED: 'partial-full'
}

/** Those who wait on an open lane learn that it ended; why is in the cause. */
function asLoss(error: GossipError): GossipError {
  if (error.code === 'CONNECTION_LOST' || error.code === 'NOT_RUNNING') return error
  return new GossipError('CONNECTION_LOST', `the connection was closed: ${error.message}`, {
    cause: error
  })
}

function breachError(breach: Breach, peer: string): GossipError {
  switch (breach) {
    case 'connect-late':
      return new GossipError('UNREACHABLE', `${peer} did not accept a connection in time`)
    case 'hello-late':
      return new GossipError('TIMED_OUT', `${peer} did not say hello in time`)
    case 'frame-late':
      return new GossipError('TIMED_OUT', `${peer} did not finish a message in time`)
    case 'write-late':
      return new GossipError('TIMED_OUT', `${peer} does not read what is sent to it`)
    case 'idle':
      return new GossipError('CONNECTION_LOST', `the connection to ${peer} was idle`)
  }
}
