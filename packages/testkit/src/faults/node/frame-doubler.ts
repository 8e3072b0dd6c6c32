/** Parses the frames of a stream, with any chunk boundaries, and repeats some: see docs/wire-tcp.md. */

const HEADER_BYTES = 4
/** The only kind that is repeated: a repeated part would belong to no message. */
const WHOLE_MESSAGE = 0

export class FrameDoubler {
  /** The received bytes of the header, and the missing bytes of the body. */
  #headerBytes = 0
  #bodyBytes = 0
  #isFirst = true
  /** The received bytes of a frame that will be repeated. */
  #kept: Uint8Array[] | undefined

  /** Returns the pieces of `chunk` with the repeated frames. Calls `isChosen` once for each frame after the first. */
  pass(chunk: Uint8Array, isChosen: () => boolean): Uint8Array[] {
    const pieces: Uint8Array[] = []
    let passed = 0
    let at = 0
    while (at < chunk.length) {
      if (this.#headerBytes === 0) this.#kept = !this.#isFirst && isChosen() ? [] : undefined
      const end =
        this.#headerBytes < HEADER_BYTES ? at + 1 : Math.min(chunk.length, at + this.#bodyBytes)
      this.#follow(chunk.subarray(at, end))
      at = end
      if (this.#headerBytes < HEADER_BYTES || this.#bodyBytes > 0) continue
      if (this.#kept !== undefined) {
        pieces.push(chunk.subarray(passed, at), ...this.#kept)
        passed = at
      }
      this.#isFirst = false
      this.#headerBytes = 0
    }
    if (passed < chunk.length) pieces.push(chunk.subarray(passed))
    return pieces
  }

  /** Processes one byte of the header, or some bytes of the body. */
  #follow(bytes: Uint8Array): void {
    if (this.#headerBytes < HEADER_BYTES) {
      this.#headerBytes++
      if (this.#headerBytes > 1) this.#bodyBytes = (this.#bodyBytes << 8) | bytes[0]!
      else if (bytes[0] !== WHOLE_MESSAGE) this.#kept = undefined
    } else {
      this.#bodyBytes -= bytes.length
    }
    this.#kept?.push(bytes.slice())
  }
}
