/** Packing: turns the frames of one write into as few pieces as possible, copying only what is cheap to copy. */

import { allocateBriefly } from './allocate.ts'
import { HEADER_BYTES, writeHeader } from './framing.ts'

/** Frames of at least this many bytes are written as they are; smaller ones are copied together. */
const UNCOPIED_BYTES = 32_768

/**
 * The bytes of `frames`, each behind its header, as pieces to be written in order. One piece when all frames are small:
 * one write of 64 KiB is several times cheaper than a vector of 250 pieces. The pieces hold until they are written.
 */
export function packFrames(frames: readonly Uint8Array[]): Uint8Array[] {
  const copied = allocateBriefly(copiedBytes(frames))
  const pieces: Uint8Array[] = []
  let start = 0
  let at = 0
  for (const frame of frames) {
    writeHeader(copied, at, frame.length)
    at += HEADER_BYTES
    if (frame.length < UNCOPIED_BYTES) {
      copied.set(frame, at)
      at += frame.length
    } else {
      pieces.push(copied.subarray(start, at), frame)
      start = at
    }
  }
  if (start < at) pieces.push(copied.subarray(start, at))
  return pieces
}

function copiedBytes(frames: readonly Uint8Array[]): number {
  let bytes = frames.length * HEADER_BYTES
  for (const frame of frames) if (frame.length < UNCOPIED_BYTES) bytes += frame.length
  return bytes
}
