/** Follows the frames of a stream, whatever the chunking, and repeats some: see docs/wire-tcp.md. */

const HEADER_BYTES = 4
/** Frames of other kinds pass once: of parts, a second one would belong to no message. */
const WHOLE_MESSAGE = 0

export class FrameDoubler {
  /** How many bytes of the header have come, and how many of the body are to come. */
  #headerBytes = 0
  #bodyBytes = 0
  #isFirst = true
  /** What has come of a frame that is to be repeated. */
  #kept: Uint8Array[] | undefined

  /** What becomes of `chunk`: pieces of it and repeated frames. `isChosen` is asked once for each frame after the first. */
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

  /** One byte of the header, or some of the body. */
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
