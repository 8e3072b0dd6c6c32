/** Computes how many contents a request names: about as many as one answer carries, by the mean size of recent contents. */

import { MESSAGE_COST } from '../model/message.ts'

/** A request names this many times what one answer carries, because contents differ in size; and at least this many digests. Both values are guesses. */
const ANSWERS = 2
const LEAST = 4

const SMOOTHING = 1 / 8

export class BatchSize {
  readonly #maxContents: number
  readonly #maxBytes: number
  /** The mean bytes of a content, with its overhead; 0 until one has arrived. */
  #meanBytes = 0

  /** A request names at most `maxContents`; one answer carries about `maxBytes`. */
  constructor(maxContents: number, maxBytes: number) {
    this.#maxContents = maxContents
    this.#maxBytes = maxBytes
  }

  /** How many contents the next request names. */
  get contents(): number {
    if (this.#meanBytes === 0) return this.#maxContents
    const fitting = Math.ceil((ANSWERS * this.#maxBytes) / this.#meanBytes)
    return Math.min(this.#maxContents, Math.max(LEAST, fitting))
  }

  /** Returns the expected bytes of the answer to a request that names `contents` contents. */
  expectedBytes(contents: number): number {
    return Math.min(contents * this.#meanBytes, Math.max(this.#maxBytes, this.#meanBytes))
  }

  /** Learns from an answer with `contents` contents, `bytes` in all. */
  learn(contents: number, bytes: number): void {
    const meanBytes = bytes / contents + MESSAGE_COST.contentBytes
    if (this.#meanBytes === 0) this.#meanBytes = meanBytes
    else this.#meanBytes += SMOOTHING * (meanBytes - this.#meanBytes)
  }
}
