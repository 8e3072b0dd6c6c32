/** Framing: each frame is its length (unsigned 32 bits, big-endian) and that many bytes. This file reads it. */
import { GossipError } from '@rumormill/protocol'
import type { Holder, PartialBudget } from './partial-budget.ts'

/** The bytes before each frame. */
export const HEADER_BYTES = 4

/** How much room a growing frame gets beyond what has arrived: bounded by what the peer really sent, not by its claim. */
const GROWTH = 4

/** Writes the header of a frame of `lengthBytes` at `at`. */
export function writeHeader(target: Uint8Array, at: number, lengthBytes: number): void {
  target[at] = lengthBytes >>> 24
  target[at + 1] = lengthBytes >>> 16
  target[at + 2] = lengthBytes >>> 8
  target[at + 3] = lengthBytes
}

export interface FrameLimits {
  /** The longest first frame: a hello, so that a stranger is told apart by four bytes. */
  readonly firstFrameBytes: number
  /** The longest frame after it. */
  readonly frameBytes: number
}

/**
 * Cuts chunks of a stream into frames, whatever the chunking. Whole frames are views of their chunk; only a frame that
 * is spread over chunks is copied. After a {@link failure} nothing more is cut.
 */
export class FrameCutter implements Holder {
  /** Why the stream cannot be read on: MALFORMED_MESSAGE, MESSAGE_TOO_LARGE or OVERLOADED. */
  failure: GossipError | undefined
  readonly #limits: FrameLimits
  readonly #budget: PartialBudget
  #greeted = false
  /** The part of a frame that has arrived, its header included. */
  #part: Uint8Array = NOTHING
  #partBytes = 0

  constructor(limits: FrameLimits, budget: PartialBudget) {
    this.#limits = limits
    this.#budget = budget
  }

  /** Whether a frame has begun and is not whole. */
  get partial(): boolean {
    return this.#partBytes > 0
  }

  /** The frames that `chunk` completes, in order. */
  cut(chunk: Uint8Array): Uint8Array[] {
    const frames: Uint8Array[] = []
    let at = this.#partBytes > 0 ? this.#complete(chunk, frames) : 0
    const { buffer, byteOffset, length } = chunk
    while (length - at >= HEADER_BYTES && this.failure === undefined) {
      const frameBytes = readHeader(chunk, at)
      if (!this.#allows(frameBytes)) break
      const end = at + HEADER_BYTES + frameBytes
      if (end > length) break
      this.#greeted = true
      // Half the price of `subarray`, and a plain Uint8Array even of a Buffer, whose `slice` would alias.
      frames.push(new Uint8Array(buffer, byteOffset + at + HEADER_BYTES, frameBytes))
      at = end
    }
    if (at < length && this.failure === undefined) this.#keep(chunk, at, length)
    return frames
  }

  /** Lets go of what it holds. */
  drop(): void {
    this.#part = NOTHING
    this.#partBytes = 0
    this.#budget.release(this)
  }

  evict(): void {
    this.failure ??= new GossipError('OVERLOADED', 'too many frames are half received; this one has taken longest')
    this.drop()
  }

  /** Fills the frame begun earlier from the head of `chunk`; returns how much of it was used. */
  #complete(chunk: Uint8Array, frames: Uint8Array[]): number {
    let at = 0
    if (this.#partBytes < HEADER_BYTES) {
      at = Math.min(HEADER_BYTES - this.#partBytes, chunk.length)
      this.#keep(chunk, 0, at)
      if (this.#partBytes < HEADER_BYTES || this.failure !== undefined) return at
    }
    const frameBytes = readHeader(this.#part, 0)
    if (!this.#allows(frameBytes)) return at
    const end = Math.min(at + HEADER_BYTES + frameBytes - this.#partBytes, chunk.length)
    this.#keep(chunk, at, end)
    if (this.#partBytes < HEADER_BYTES + frameBytes || this.failure !== undefined) return end
    this.#greeted = true
    frames.push(new Uint8Array(this.#part.buffer, this.#part.byteOffset + HEADER_BYTES, frameBytes))
    this.drop()
    return end
  }

  /** Appends `chunk` from `start` to `end` to the part. */
  #keep(chunk: Uint8Array, start: number, end: number): void {
    const needed = this.#partBytes + end - start
    if (needed > this.#part.length) this.#grow(needed, chunk, start)
    this.#part.set(chunk.subarray(start, end), this.#partBytes)
    this.#partBytes = needed
  }

  #grow(needed: number, chunk: Uint8Array, start: number): void {
    const whole = this.#wholeBytes(chunk, start)
    const room = Math.max(needed, Math.min(whole, needed * GROWTH))
    this.#budget.hold(this, room)
    const grown = Buffer.allocUnsafeSlow(room)
    grown.set(this.#part.subarray(0, this.#partBytes))
    this.#part = grown
  }

  /** The size of the frame being kept, header included; of a header while even that is not whole. */
  #wholeBytes(chunk: Uint8Array, start: number): number {
    if (this.#partBytes >= HEADER_BYTES) return HEADER_BYTES + readHeader(this.#part, 0)
    if (this.#partBytes === 0 && chunk.length - start >= HEADER_BYTES) return HEADER_BYTES + readHeader(chunk, start)
    return HEADER_BYTES
  }

  #allows(frameBytes: number): boolean {
    const limitBytes = this.#greeted ? this.#limits.frameBytes : this.#limits.firstFrameBytes
    if (frameBytes === 0) {
      this.failure = new GossipError('MALFORMED_MESSAGE', 'the peer sent an empty frame')
    } else if (frameBytes > limitBytes) {
      const claim = `the peer announced a frame of ${frameBytes} bytes`
      this.failure = new GossipError('MESSAGE_TOO_LARGE', `${claim}; the limit here is ${limitBytes}`)
    }
    return this.failure === undefined
  }
}

const NOTHING = new Uint8Array(0)

function readHeader(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}
