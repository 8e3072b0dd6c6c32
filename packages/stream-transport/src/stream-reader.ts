/** The reading half of a stream: from chunks to whole messages, and the control frames between them. */

import { GossipError } from '@rumormill/protocol'
import type { ByteBudget, Holder } from './byte-budget.ts'
import { FrameCutter } from './frame-cutter.ts'
import {
  FRAME_KIND,
  readNumber,
  readReason,
  readReceivedBytes,
  type GoodbyeReason
} from './frame.ts'
import { PartialFrame } from './partial-frame.ts'

export interface ReaderLimits {
  /** The longest first message: a hello; 0 where none is to come. */
  readonly helloBytes: number
  /** The longest message after it. */
  readonly messageBytes: number
}

/** What a peer says to the transport itself. */
export interface ControlFrames {
  ping(number: number): void
  pong(number: number, receivedBytes: number): void
  /** A part of a message has come, and more of it is to come. Told four times a second at most. */
  arriving?(): void
  /** The peer is about to close the stream; `undefined` for a reason of a later version. */
  goodbye(reason: GoodbyeReason | undefined): void
}

const ARRIVING_MS = 250

/** A message that comes in parts must grow by so much within `frameMs`, or its sender only pretends to send it. */
const LEAST_PROGRESS_BYTES = 1024

export class StreamReader implements Holder {
  /** Of messages after the first, frame headers not counted: what a pong tells. */
  receivedBytes = 0
  /** Frames of kinds that this version does not know, passed over. */
  unknownFrames = 0
  readonly #limits: ReaderLimits
  readonly #cutter: FrameCutter
  readonly #large: PartialFrame
  readonly #control: ControlFrames
  #messages: Uint8Array[] = []
  #greeted: boolean
  #failure: GossipError | undefined
  /** Since when what is half received has not grown by {@link LEAST_PROGRESS_BYTES}; 0 when nothing is. */
  #partialSinceMs = 0
  #progressBytes = 0
  #nowMs = 0
  #arrivingMs = -Infinity

  constructor(limits: ReaderLimits, budget: ByteBudget, control: ControlFrames) {
    this.#limits = limits
    this.#greeted = limits.helloBytes === 0
    this.#control = control
    this.#large = new PartialFrame(this, budget)
    this.#cutter = new FrameCutter(limits.helloBytes, budget, (kind, body) =>
      this.#take(kind, body)
    )
  }

  /** Why the stream cannot be read on: MALFORMED_MESSAGE, MESSAGE_TOO_LARGE or OVERLOADED. */
  get failure(): GossipError | undefined {
    return this.#failure ?? this.#cutter.failure
  }

  /** Whether a message has begun and is not whole. */
  get partial(): boolean {
    return this.#cutter.partial || this.#large.bytes > 0
  }

  /** Since when a half received message makes no progress; 0 when there is none. */
  get partialSinceMs(): number {
    return this.#partialSinceMs
  }

  /** The messages that `chunk` completes, in order; the first of all is the hello. */
  read(chunk: Uint8Array, nowMs: number): Uint8Array[] {
    this.#nowMs = nowMs
    this.#cutter.cut(chunk)
    const messages = this.#messages
    this.#messages = []
    this.#progressBytes += chunk.length
    if (!this.partial) this.#partialSinceMs = 0
    else if (
      messages.length > 0 ||
      this.#partialSinceMs === 0 ||
      this.#progressBytes >= LEAST_PROGRESS_BYTES
    ) {
      this.#partialSinceMs = nowMs
      this.#progressBytes = 0
    }
    return messages
  }

  /** Lets go of what it holds. */
  drop(): void {
    this.#cutter.drop()
    this.#large.clear()
  }

  evict(): void {
    this.#failure ??= new GossipError(
      'OVERLOADED',
      'too many messages are half received; this one was begun first'
    )
    this.drop()
  }

  #take(kind: number, body: Uint8Array): void {
    if (this.failure !== undefined) return
    if (kind === FRAME_KIND.message) return this.#message(body)
    if (kind === FRAME_KIND.part || kind === FRAME_KIND.lastPart)
      return this.#part(body, kind === FRAME_KIND.lastPart)
    const number = readNumber(body)
    if (kind === FRAME_KIND.goodbye) this.#control.goodbye(readReason(body))
    else if (kind === FRAME_KIND.ping && number !== undefined) this.#control.ping(number)
    else if (kind === FRAME_KIND.pong && number !== undefined) {
      const receivedBytes = readReceivedBytes(body)
      if (receivedBytes !== undefined) this.#control.pong(number, receivedBytes)
    } else this.unknownFrames++
  }

  #message(body: Uint8Array): void {
    if (this.#greeted) {
      this.receivedBytes += body.length
      if (body.length > this.#limits.messageBytes) return this.#tooLarge(body.length)
    }
    this.#greeted = true
    this.#messages.push(body)
  }

  #part(body: Uint8Array, isLast: boolean): void {
    this.receivedBytes += body.length
    const large = this.#large
    const bytes = large.bytes + body.length
    if (bytes > this.#limits.messageBytes) return this.#tooLarge(bytes)
    // What is left to come is not announced: room is taken for what has come.
    large.begin(bytes)
    large.append(body)
    if (!isLast) return this.#arriving()
    // A plain one, whatever memory it was put together in.
    const { buffer, byteOffset, length } = large.take()
    this.#messages.push(new Uint8Array(buffer, byteOffset, length))
  }

  #arriving(): void {
    if (this.#nowMs - this.#arrivingMs < ARRIVING_MS) return
    this.#arrivingMs = this.#nowMs
    this.#control.arriving?.()
  }

  #tooLarge(bytes: number): void {
    const limitBytes = this.#limits.messageBytes
    this.#failure = new GossipError(
      'MESSAGE_TOO_LARGE',
      `the peer sent ${bytes} bytes of one message; the limit here is ${limitBytes}`
    )
    this.drop()
  }
}
