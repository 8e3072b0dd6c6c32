/** Packs the frames of one write into as few pieces as possible; copies only small bodies. */

import { allocateBriefly } from './allocate.ts'
import { FRAME_KIND, HEADER_BYTES, writeHeader, type OutFrame } from './frame.ts'

/** Bodies of at least this many bytes are not copied; smaller ones are copied into one piece. */
const UNCOPIED_BYTES = 32_768

/**
 * Returns the bytes of `frames`, each after its header, as pieces to write in order. Small frames become one piece: one
 * write of 64 KiB is several times cheaper than a vector of 250 pieces. The pieces stay valid until they are written.
 */
export function packFrames(frames: readonly OutFrame[]): Uint8Array[] {
  const copied = allocateBriefly(copiedBytes(frames))
  const pieces: Uint8Array[] = []
  let start = 0
  let at = 0
  for (const frame of frames) {
    const body = bodyOf(frame)
    writeHeader(
      copied,
      at,
      frame === body ? FRAME_KIND.message : (frame as { kind: number }).kind,
      body.length
    )
    at += HEADER_BYTES
    if (body.length < UNCOPIED_BYTES) {
      copied.set(body, at)
      at += body.length
    } else {
      pieces.push(copied.subarray(start, at), body)
      start = at
    }
  }
  if (start < at) pieces.push(copied.subarray(start, at))
  return pieces
}

function copiedBytes(frames: readonly OutFrame[]): number {
  let bytes = frames.length * HEADER_BYTES
  for (const frame of frames) {
    const { length } = bodyOf(frame)
    if (length < UNCOPIED_BYTES) bytes += length
  }
  return bytes
}

function bodyOf(frame: OutFrame): Uint8Array {
  return frame instanceof Uint8Array ? frame : frame.body
}
