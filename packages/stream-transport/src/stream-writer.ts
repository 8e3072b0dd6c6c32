/** The writing half of a stream: what is written next, and how much of it may be under way. */

import type { Holder } from './byte-budget.ts'
import { goodbyeFrame, pingFrame, pongFrame, type GoodbyeReason, type OutFrame } from './frame.ts'
import { OutQueue, type QueueLimits, type QueueShare, type TakenFrames } from './out-queue.ts'
import { Pace, type PaceLimits } from './pace.ts'
import { packFrames } from './pack-frames.ts'

/** What is to be written at once. */
export interface NextWrite {
  readonly pieces: readonly Uint8Array[]
  /** How many messages end in it. */
  readonly messages: number
  /** Whether {@link StreamWriter.taken} is to be called when the stream has taken it: not for control frames alone. */
  readonly isAwaited: boolean
}

const NOTHING: TakenFrames = { bodyBytes: 0, messages: 0 }

export class StreamWriter {
  readonly pace: Pace
  readonly #queue: OutQueue
  /** To be answered. One is enough: a pong counts all that came before. */
  #pong: { readonly number: number; readonly receivedBytes: number } | undefined
  #ping: number | undefined

  /** `holder` is who pays when the room for what all streams have queued is used up. */
  constructor(limits: QueueLimits & PaceLimits, share: QueueShare, holder: Holder, nowMs: number) {
    this.pace = new Pace(limits, nowMs)
    this.#queue = new OutQueue(limits, share, holder)
  }

  get queuedBytes(): number {
    return this.#queue.bytes
  }

  /** Whether nothing waits, neither here nor for the stream to take it. */
  get isEmpty(): boolean {
    return this.#queue.isEmpty
  }

  /** Writes of messages that the stream has not taken. */
  get writes(): number {
    return this.#queue.writes
  }

  /** Whether {@link next} would have something now. */
  get isReady(): boolean {
    if (this.#pong !== undefined || this.#ping !== undefined) return true
    return this.#queue.hasWaiting && this.pace.freeBytes > 0
  }

  /** The promise settles when the stream has taken the message; undefined when there is no room for it. */
  add(message: Uint8Array, signal: AbortSignal): Promise<void> | undefined {
    return this.#queue.add(message, signal, this.pace.partBytes)
  }

  /** The peer has pinged. */
  answer(number: number, receivedBytes: number): void {
    this.#pong = { number, receivedBytes }
  }

  /** The peer has answered a ping. */
  acknowledged(number: number, receivedBytes: number, nowMs: number): void {
    this.pace.pong(number, receivedBytes, nowMs)
    this.#ping ??= this.pace.pingWhenStuck(nowMs)
  }

  /** Sees to it that a silent peer is pinged with the next write. */
  checkSilence(nowMs: number, isWatched: boolean): void {
    this.#ping ??= this.pace.pingInSilence(nowMs, isWatched)
  }

  /** What to write next, at most 64 KiB; undefined when there is nothing, or nothing may be under way any more. */
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
    // A message is always under way: a window that is smaller than it must not hold it up forever.
    const isAlone = pace.unacknowledgedBytes === 0
    return this.#queue.take(frames, Math.max(0, pace.freeBytes), pace.partBytes, isAlone)
  }

  /** The stream took the oldest write with messages. */
  taken(): void {
    this.#queue.taken()
  }

  /** Rejects everything. */
  fail(...[error]: Parameters<OutQueue['fail']>): void {
    this.#queue.fail(error)
  }
}

/** The last frame of a stream. */
export function packGoodbye(reason: GoodbyeReason): Uint8Array {
  return packFrames([goodbyeFrame(reason)])[0]!
}
