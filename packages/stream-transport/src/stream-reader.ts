/** The reading half of a stream: assembles messages from chunks, and handles the control frames between them. */

import { GossipError } from '@rumormill/protocol/plugin'
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
  /** The longest first message, the hello; 0 when no hello is expected. */
  readonly helloBytes: number
  /** The longest message after the hello. */
  readonly messageBytes: number
}

/** Handlers of the frames for the transport itself. */
export interface ControlFrames {
  ping(number: number): void
  pong(number: number, receivedBytes: number): void
  /** Is called when a part of a message has arrived that is not the last; at most four times a second. */
  arriving?(): void
  /** Is called when the peer is about to close the stream; `undefined` is a reason of a later version. */
  goodbye(reason: GoodbyeReason | undefined): void
}

const ARRIVING_MS = 250

/** The least bytes by which a half-received message must grow within `frameMs`: a slower sender is cut off. */
const LEAST_PROGRESS_BYTES = 1024

export class StreamReader implements Holder {
  heldBytes = 0
  /** The bytes of all messages after the hello, without headers; pongs report this number. */
  receivedBytes = 0
  /** How many frames of unknown kinds were skipped. */
  unknownFrames = 0
  readonly #limits: ReaderLimits
  readonly #cutter: FrameCutter
  readonly #large: PartialFrame
  readonly #control: ControlFrames
  #messages: Uint8Array[] = []
  #greeted: boolean
  /** When the half-received message last made progress ({@link LEAST_PROGRESS_BYTES}); 0 when there is none. */
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

  /** The error that ended the reading, if any: MALFORMED_MESSAGE, MESSAGE_TOO_LARGE or OVERLOADED. */
  get failure(): GossipError | undefined {
    return this.#cutter.failure
  }

  /** Whether a message is half received. */
  get partial(): boolean {
    return this.#cutter.partial || this.#large.bytes > 0
  }

  /** When the half-received message last made progress; 0 when there is none. */
  get partialSinceMs(): number {
    return this.#partialSinceMs
  }

  /** Returns the messages that `chunk` completes, in order; the first of a stream is the hello. */
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

  /** Releases the bytes that it holds. */
  drop(): void {
    this.#cutter.drop()
    this.#large.clear()
  }

  evict(): void {
    this.#fail(
      new GossipError(
        'OVERLOADED',
        'too many messages are half received, and this one is the oldest'
      )
    )
  }

  #take(kind: number, body: Uint8Array): void {
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
    // The length of the message is not announced, so memory is only held for the parts that have arrived.
    large.begin(bytes)
    large.append(body)
    if (!isLast) return this.#arriving()
    // Makes a plain Uint8Array, even of a Buffer.
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
    const why = `the peer sent ${bytes} bytes of one message; the limit here is ${limitBytes}`
    this.#fail(new GossipError('MESSAGE_TOO_LARGE', why))
  }

  /** Ends the reading: the cutter passes no further frame. */
  #fail(error: GossipError): void {
    this.#cutter.failure ??= error
    this.drop()
  }
}
