/** How many contents a request names: about as many as one answer carries, by the mean size of what has come. */

import { CONTENT_OVERHEAD_BYTES } from '../message.ts'

/** This many times what one answer carries, since contents differ in size; and so many at least. Guesses. */
const ANSWERS = 2
const LEAST = 4

const SMOOTHING = 1 / 8

export class BatchSize {
  readonly #maxContents: number
  readonly #maxBytes: number
  /** What one content takes, with its overhead; 0 until one has come. */
  #meanBytes = 0

  /** At most `maxContents`; one answer carries about `maxBytes`. */
  constructor(maxContents: number, maxBytes: number) {
    this.#maxContents = maxContents
    this.#maxBytes = maxBytes
  }

  get contents(): number {
    if (this.#meanBytes === 0) return this.#maxContents
    const fitting = Math.ceil((ANSWERS * this.#maxBytes) / this.#meanBytes)
    return Math.min(this.#maxContents, Math.max(LEAST, fitting))
  }

  /** The bytes of the answer to a request that names so many `contents`. */
  expectedBytes(contents: number): number {
    return Math.min(contents * this.#meanBytes, Math.max(this.#maxBytes, this.#meanBytes))
  }

  /** An answer has brought so many `contents`, of `bytes` together. */
  learn(contents: number, bytes: number): void {
    const meanBytes = bytes / contents + CONTENT_OVERHEAD_BYTES
    if (this.#meanBytes === 0) this.#meanBytes = meanBytes
    else this.#meanBytes += SMOOTHING * (meanBytes - this.#meanBytes)
  }
}
