/** A buffer for a frame that has arrived in part. */

import { allocate } from './allocate.ts'
import type { Holder, ByteBudget } from './byte-budget.ts'

/** Pieces of at least this many bytes are kept without a copy; smaller ones are copied into shared blocks. */
const PIECE_BYTES = 4096
const BLOCK_BYTES = 65_536

/**
 * A frame that has arrived in part. Memory grows with the bytes that have arrived, not with the announced length. Large
 * pieces are kept as they are, and small ones share blocks, so that single bytes do not cost one object each.
 */
export class PartialFrame {
  /** Bytes that have arrived. */
  bytes = 0
  #wholeBytes = 0
  readonly #pieces: Uint8Array[] = []
  /** The current shared block, if any, and how many of its bytes are used. */
  #block: Uint8Array | undefined
  #blockBytes = 0
  readonly #holder: Holder
  readonly #budget: ByteBudget

  constructor(holder: Holder, budget: ByteBudget) {
    this.#holder = holder
    this.#budget = budget
  }

  get missingBytes(): number {
    return this.#wholeBytes - this.bytes
  }

  begin(wholeBytes: number): void {
    this.#wholeBytes = wholeBytes
  }

  append(bytes: Uint8Array): void {
    if (bytes.length >= PIECE_BYTES) {
      this.#closeBlock()
      this.#pieces.push(bytes)
      this.#hold(bytes.buffer.byteLength)
      this.bytes += bytes.length
      return
    }
    for (let at = 0; at < bytes.length;) {
      if (this.#block === undefined || this.#blockBytes === this.#block.length) this.#openBlock()
      const end = Math.min(bytes.length, at + this.#block!.length - this.#blockBytes)
      this.#block!.set(bytes.subarray(at, end), this.#blockBytes)
      this.#blockBytes += end - at
      this.bytes += end - at
      at = end
    }
  }

  /** Returns the whole frame with its header, and clears the buffer. */
  take(): Uint8Array {
    this.#closeBlock()
    const whole = this.#pieces.length === 1 ? this.#pieces[0]! : join(this.#pieces, this.bytes)
    this.clear()
    return whole
  }

  clear(): void {
    this.#pieces.length = 0
    this.#block = undefined
    this.bytes = this.#blockBytes = this.#wholeBytes = 0
    this.#budget.release(this.#holder)
  }

  #openBlock(): void {
    this.#closeBlock()
    this.#block = allocate(Math.min(this.missingBytes, BLOCK_BYTES))
    this.#hold(this.#block.length)
  }

  #closeBlock(): void {
    if (this.#block !== undefined) this.#pieces.push(this.#block.subarray(0, this.#blockBytes))
    this.#block = undefined
    this.#blockBytes = 0
  }

  #hold(moreBytes: number): void {
    this.#budget.hold(this.#holder, this.#holder.heldBytes + moreBytes)
  }
}

function join(pieces: readonly Uint8Array[], bytes: number): Uint8Array {
  const whole = allocate(bytes)
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}
