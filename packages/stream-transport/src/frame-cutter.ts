/** Splits a byte stream into frames. */

import { GossipError } from '@rumormill/protocol/plugin'
import type { ByteBudget, Holder } from './byte-budget.ts'
import { FRAME_KIND, HEADER_BYTES, MAX_FRAME_BYTES } from './frame.ts'
import { otherProtocol } from './other-protocol.ts'
import { PartialFrame } from './partial-frame.ts'

/**
 * Splits chunks of a stream into frames; chunk boundaries may be anywhere. A body is a view of its chunk, and is copied only
 * when it spans several chunks. The parts of a large message are forwarded as they arrive, because they are joined later
 * anyway: each piece of a part that spans several chunks is forwarded as a part. After a {@link failure} input is ignored.
 */
export class FrameCutter implements Holder {
  heldBytes = 0
  /** The error that ended the reading, if any: MALFORMED_MESSAGE, MESSAGE_TOO_LARGE or OVERLOADED. */
  failure: GossipError | undefined
  readonly #firstFrameBytes: number
  readonly #part: PartialFrame
  readonly #take: (kind: number, body: Uint8Array) => void
  #greeted: boolean
  /** The missing bytes of the current part of a large message, and its kind. */
  #passingBytes = 0
  #passingKind = 0

  /**
   * `firstFrameBytes` limits the first frame, the hello, so that another protocol is recognized by its first four bytes; 0
   * means that no hello is expected.
   */
  constructor(
    firstFrameBytes: number,
    budget: ByteBudget,
    take: (kind: number, body: Uint8Array) => void
  ) {
    this.#firstFrameBytes = firstFrameBytes
    this.#greeted = firstFrameBytes === 0
    this.#part = new PartialFrame(this, budget)
    this.#take = take
  }

  /** Whether a frame is half received. */
  get partial(): boolean {
    return this.#part.bytes > 0 || this.#passingBytes > 0
  }

  /** Passes each frame that `chunk` completes to `take`, in order. */
  cut(chunk: Uint8Array): void {
    let at = this.#passingBytes > 0 ? this.#pass(chunk, 0) : 0
    if (this.#part.bytes > 0) at = this.#complete(chunk)
    const { buffer, byteOffset, length } = chunk
    while (length - at >= HEADER_BYTES && this.failure === undefined) {
      const bodyBytes = readLength(chunk, at)
      if (!this.#allows(chunk, at, bodyBytes)) break
      if (isPart(chunk[at]!)) {
        at = this.#beginPart(chunk[at]!, bodyBytes, chunk, at + HEADER_BYTES)
        continue
      }
      const end = at + HEADER_BYTES + bodyBytes
      if (end > length) break
      this.#greeted = true
      // Takes half as long as `subarray`, and makes a plain Uint8Array even of a Buffer, whose `slice` would alias.
      this.#take(chunk[at]!, new Uint8Array(buffer, byteOffset + at + HEADER_BYTES, bodyBytes))
      at = end
    }
    if (at < length && this.failure === undefined) this.#begin(chunk.subarray(at))
  }

  /** Releases the bytes that it holds. */
  drop(): void {
    this.#part.clear()
    this.#passingBytes = 0
  }

  evict(): void {
    this.failure ??= new GossipError(
      'OVERLOADED',
      'too many frames are half received, and this one is the oldest'
    )
    this.drop()
  }

  /** Keeps the first bytes of a frame, or of its header, until the next chunk. */
  #begin(head: Uint8Array): void {
    if (head.length < HEADER_BYTES) this.#part.begin(HEADER_BYTES)
    else this.#part.begin(HEADER_BYTES + readLength(head, 0))
    this.#part.append(head)
  }

  /** Completes the half-received frame from the start of `chunk`; returns how many bytes were used. */
  #complete(chunk: Uint8Array): number {
    const part = this.#part
    let at = Math.min(part.missingBytes, chunk.length)
    part.append(chunk.subarray(0, at))
    if (part.missingBytes > 0) return at
    let whole = part.take()
    if (whole.length === HEADER_BYTES) {
      const bodyBytes = readLength(whole, 0)
      if (!this.#allows(whole, 0, bodyBytes)) return at
      if (isPart(whole[0]!)) return this.#beginPart(whole[0]!, bodyBytes, chunk, at)
      part.begin(HEADER_BYTES + bodyBytes)
      part.append(whole)
      const end = Math.min(at + bodyBytes, chunk.length)
      part.append(chunk.subarray(at, end))
      at = end
      if (part.missingBytes > 0) return at
      whole = part.take()
    }
    this.#greeted = true
    const body = new Uint8Array(
      whole.buffer,
      whole.byteOffset + HEADER_BYTES,
      whole.length - HEADER_BYTES
    )
    this.#take(whole[0]!, body)
    return at
  }

  #beginPart(kind: number, bodyBytes: number, chunk: Uint8Array, at: number): number {
    this.#passingKind = kind
    this.#passingBytes = bodyBytes
    return at < chunk.length ? this.#pass(chunk, at) : at
  }

  /** Forwards the bytes of the current part from `at` on; returns where they end. */
  #pass(chunk: Uint8Array, at: number): number {
    const bytes = Math.min(this.#passingBytes, chunk.length - at)
    this.#passingBytes -= bytes
    const kind = this.#passingBytes > 0 ? FRAME_KIND.part : this.#passingKind
    this.#take(kind, new Uint8Array(chunk.buffer, chunk.byteOffset + at, bytes))
    return at + bytes
  }

  #allows(header: Uint8Array, at: number, bodyBytes: number): boolean {
    if (!this.#greeted && header[at] !== FRAME_KIND.message) {
      const what = otherProtocol(header.subarray(at)) ?? 'the peer speaks an unknown protocol'
      this.failure = new GossipError(
        'MALFORMED_MESSAGE',
        `the connection does not begin with a hello of rumormill: ${what}`
      )
    } else if (bodyBytes === 0) {
      this.failure = new GossipError('MALFORMED_MESSAGE', 'the peer sent an empty frame')
    } else {
      const limitBytes = this.#greeted ? MAX_FRAME_BYTES : this.#firstFrameBytes
      if (bodyBytes > limitBytes)
        this.failure = new GossipError(
          'MESSAGE_TOO_LARGE',
          `the peer announced a frame of ${bodyBytes} bytes; the limit here is ${limitBytes}`
        )
    }
    return this.failure === undefined
  }
}

function isPart(kind: number): boolean {
  return kind === FRAME_KIND.part || kind === FRAME_KIND.lastPart
}

function readLength(bytes: Uint8Array, at: number): number {
  return (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
}
