/** Framing: each frame is its length (unsigned 32 bits, big-endian) and that many bytes. This file reads it. */

import { GossipError } from '@rumormill/protocol'
import type { Holder, PartialBudget } from './partial-budget.ts'
import { PartialFrame } from './partial-frame.ts'

/** The bytes before each frame. */
export const HEADER_BYTES = 4

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
  readonly #part: PartialFrame
  #greeted = false

  constructor(limits: FrameLimits, budget: PartialBudget) {
    this.#limits = limits
    this.#part = new PartialFrame(this, budget)
  }

  /** Whether a frame has begun and is not whole. */
  get partial(): boolean {
    return this.#part.bytes > 0
  }

  /** The frames that `chunk` completes, in order. */
  cut(chunk: Uint8Array): Uint8Array[] {
    const frames: Uint8Array[] = []
    let at = this.partial ? this.#complete(chunk, frames) : 0
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
    if (at < length && this.failure === undefined) this.#begin(chunk.subarray(at))
    return frames
  }

  /** Lets go of what it holds. */
  drop(): void {
    this.#part.clear()
  }

  evict(): void {
    this.failure ??= new GossipError(
      'OVERLOADED',
      'too many frames are half received; this one was begun first'
    )
    this.drop()
  }

  /** Keeps the head of a frame, or of its header, for the next chunk. */
  #begin(head: Uint8Array): void {
    if (head.length < HEADER_BYTES) this.#part.begin(HEADER_BYTES)
    else this.#part.begin(HEADER_BYTES + readHeader(head, 0))
    this.#part.append(head)
  }

  /** Fills the frame begun earlier from the head of `chunk`; returns how much of it was used. */
  #complete(chunk: Uint8Array, frames: Uint8Array[]): number {
    const part = this.#part
    let at = Math.min(part.missingBytes, chunk.length)
    part.append(chunk.subarray(0, at))
    if (part.missingBytes > 0) return at
    let whole = part.take()
    if (whole.length === HEADER_BYTES) {
      const frameBytes = readHeader(whole, 0)
      if (!this.#allows(frameBytes)) return at
      part.begin(HEADER_BYTES + frameBytes)
      part.append(whole)
      const end = Math.min(at + frameBytes, chunk.length)
      part.append(chunk.subarray(at, end))
      at = end
      if (part.missingBytes > 0) return at
      whole = part.take()
    }
    this.#greeted = true
    frames.push(
      new Uint8Array(whole.buffer, whole.byteOffset + HEADER_BYTES, whole.length - HEADER_BYTES)
    )
    return at
  }

  #allows(frameBytes: number): boolean {
    const limitBytes = this.#greeted ? this.#limits.frameBytes : this.#limits.firstFrameBytes
    if (frameBytes === 0) {
      this.failure = new GossipError('MALFORMED_MESSAGE', 'the peer sent an empty frame')
    } else if (frameBytes > limitBytes) {
      const claim = `the peer announced a frame of ${frameBytes} bytes`
      this.failure = new GossipError(
        'MESSAGE_TOO_LARGE',
        `${claim}; the limit here is ${limitBytes}`
      )
    }
    return this.failure === undefined
  }
}

function readHeader(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
  )
}
