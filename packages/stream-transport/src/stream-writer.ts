/** The writing half of a stream: chooses what to write next within the window of the pace. */

import type { Holder } from './byte-budget.ts'
import {
  goodbyeFrame,
  HEADER_BYTES,
  pingFrame,
  pongFrame,
  type GoodbyeReason,
  type OutFrame
} from './frame.ts'
import { OutQueue, type QueueLimits, type QueueShare, type TakenFrames } from './out-queue.ts'
import { Pace, type PaceLimits } from './pace.ts'
import { packFrames } from './pack-frames.ts'

/** The pieces of the next write. */
export interface NextWrite {
  readonly pieces: readonly Uint8Array[]
  /** How many messages end in this write. */
  readonly messages: number
  /** Whether {@link StreamWriter.taken} must be called once the stream has taken the write; false for control frames alone. */
  readonly isAwaited: boolean
}

const NOTHING: TakenFrames = { bodyBytes: 0, messages: 0 }

export class StreamWriter {
  readonly pace: Pace
  readonly #queue: OutQueue
  /** The pong that is due. One is enough, because it counts all bytes received so far. */
  #pong: { readonly number: number; readonly receivedBytes: number } | undefined
  #ping: number | undefined

  /** `holder` is evicted when the queues of all streams together exceed their budget and this one made no progress longest. */
  constructor(limits: QueueLimits & PaceLimits, share: QueueShare, holder: Holder, nowMs: number) {
    this.pace = new Pace(limits, nowMs)
    this.#queue = new OutQueue(limits, share, holder)
  }

  get queuedBytes(): number {
    return this.#queue.bytes
  }

  /** Whether no message is queued or being written. */
  get isEmpty(): boolean {
    return this.#queue.isEmpty
  }

  /** How many writes with messages the stream has not yet taken. */
  get writes(): number {
    return this.#queue.writes
  }

  /** The bytes of these writes. */
  get writtenBytes(): number {
    return this.#queue.writtenBytes
  }

  /** Whether {@link next} would return a write now. */
  get isReady(): boolean {
    if (this.#pong !== undefined || this.#ping !== undefined) return true
    return this.#queue.hasWaiting && this.pace.freeBytes > 0
  }

  /** Queues a message. Returns a promise that settles when the stream has taken it, or `undefined` when the queue is full. */
  add(message: Uint8Array, signal: AbortSignal): Promise<void> | undefined {
    return this.#queue.add(message, signal, this.pace.partBytes)
  }

  /** Answers a ping with the next write. */
  answer(number: number, receivedBytes: number): void {
    this.#pong = { number, receivedBytes }
  }

  /** Handles a pong. */
  acknowledged(number: number, receivedBytes: number, nowMs: number): void {
    this.pace.pong(number, receivedBytes, nowMs)
    this.#ping ??= this.pace.pingWhenStuck(nowMs)
  }

  /** Returns for how many milliseconds nothing can be due: see {@link Pace.calmMs}. */
  calmMs(nowMs: number, isWatched: boolean): number {
    return this.isEmpty ? this.pace.calmMs(nowMs, isWatched) : 0
  }

  /** Adds a ping to the next write if the peer is silent. */
  checkSilence(nowMs: number, isWatched: boolean): void {
    this.#ping ??= this.pace.pingInSilence(nowMs, isWatched)
  }

  /** Returns the next write; `undefined` when nothing is queued or the window is full. */
  next(nowMs: number): NextWrite | undefined {
    const { pace } = this
    const frames: OutFrame[] = []
    if (this.#pong !== undefined)
      frames.push(pongFrame(this.#pong.number, this.#pong.receivedBytes))
    this.#pong = undefined
    const { bodyBytes, messages } = this.#queue.hasWaiting
      ? this.#takeMessages(frames, nowMs)
      : NOTHING
    if (bodyBytes > 0) {
      pace.sent(bodyBytes, nowMs)
      this.#ping ??= pace.pingAfterWrite(this.#queue.hasWaiting, nowMs)
    }
    if (this.#ping !== undefined) frames.push(pingFrame(this.#ping))
    this.#ping = undefined
    if (frames.length === 0) return undefined
    return { pieces: packFrames(frames), messages, isAwaited: bodyBytes > 0 }
  }

  #takeMessages(frames: OutFrame[], nowMs: number): TakenFrames {
    const { pace } = this
    const first = pace.firstPing(nowMs)
    if (first !== undefined) frames.push(pingFrame(first))
    // Without unacknowledged bytes one message is always sent: a smaller window must not block it forever.
    const isAlone = pace.unacknowledgedBytes === 0
    const mostBytes = Math.min(Math.max(0, pace.freeBytes), pace.writeBytes + HEADER_BYTES)
    return this.#queue.take(frames, mostBytes, pace.partBytes, isAlone)
  }

  /** Settles the oldest write with messages: the stream has taken it. */
  taken(): void {
    this.#queue.taken()
  }

  /** Rejects all queued messages. */
  fail(...[error]: Parameters<OutQueue['fail']>): void {
    this.#queue.fail(error)
  }
}

/** Returns the bytes of a goodbye, the last frame of a stream. */
export function packGoodbye(reason: GoodbyeReason): Uint8Array {
  return packFrames([goodbyeFrame(reason)])[0]!
}
