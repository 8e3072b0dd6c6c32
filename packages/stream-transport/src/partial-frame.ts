/** The part of a frame that has arrived, until the rest has. */

import { allocate } from './allocate.ts'
import type { Holder, ByteBudget } from './byte-budget.ts'

/** Pieces of at least this many bytes are kept as they came; smaller ones are copied together. */
const PIECE_BYTES = 16_384

/**
 * The part of a frame that has arrived. Room is taken for what has come, never for what was announced: large pieces are
 * kept as they are, and small ones share blocks, so that a peer that sends single bytes is not paid with objects.
 */
export class PartialFrame {
  /** Arrived. */
  bytes = 0
  #wholeBytes = 0
  #heldBytes = 0
  readonly #pieces: Uint8Array[] = []
  /** The last of the pieces when it is a shared block, and how much of it is used. */
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

  /** The whole frame, its header included; afterwards this part is empty. */
  take(): Uint8Array {
    this.#closeBlock()
    const whole = this.#pieces.length === 1 ? this.#pieces[0]! : join(this.#pieces, this.bytes)
    this.clear()
    return whole
  }

  clear(): void {
    this.#pieces.length = 0
    this.#block = undefined
    this.bytes = this.#blockBytes = this.#wholeBytes = this.#heldBytes = 0
    this.#budget.release(this.#holder)
  }

  #openBlock(): void {
    this.#closeBlock()
    this.#block = allocate(Math.min(this.missingBytes, 4 * PIECE_BYTES))
    this.#hold(this.#block.length)
  }

  #closeBlock(): void {
    if (this.#block !== undefined) this.#pieces.push(this.#block.subarray(0, this.#blockBytes))
    this.#block = undefined
    this.#blockBytes = 0
  }

  #hold(moreBytes: number): void {
    this.#heldBytes += moreBytes
    this.#budget.hold(this.#holder, this.#heldBytes)
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
