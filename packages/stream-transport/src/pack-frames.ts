/** Packs the frames of one write into as few pieces as possible; copies only small bodies. */

import { allocateBriefly } from './allocate.ts'
import { FRAME_KIND, HEADER_BYTES, writeHeader, type OutFrame } from './frame.ts'

/** Bodies of at least this many bytes are not copied; smaller ones are copied into one piece. */
const UNCOPIED_BYTES = 32_768

/** Bytes are copied into blocks of this size: larger ones would be mapped by the operating system each time. */
const BLOCK_BYTES = 65_536

/**
 * Returns the bytes of `frames`, each after its header, as pieces to write in order. Small frames share a piece: one
 * write of 64 KiB is several times cheaper than a vector of 250 pieces. The pieces stay valid until they are written.
 */
export function packFrames(frames: readonly OutFrame[]): Uint8Array[] {
  const pieces: Uint8Array[] = []
  let leftBytes = copiedBytes(frames)
  let block = allocateBriefly(Math.min(leftBytes, BLOCK_BYTES))
  let start = 0
  let at = 0
  for (const frame of frames) {
    const body = bodyOf(frame)
    const isCopied = body.length < UNCOPIED_BYTES
    const bytes = isCopied ? HEADER_BYTES + body.length : HEADER_BYTES
    if (at + bytes > block.length) {
      if (start < at) pieces.push(block.subarray(start, at))
      block = allocateBriefly(Math.min(leftBytes, BLOCK_BYTES))
      start = at = 0
    }
    leftBytes -= bytes
    const kind = frame === body ? FRAME_KIND.message : (frame as { kind: number }).kind
    writeHeader(block, at, kind, body.length)
    at += HEADER_BYTES
    if (isCopied) {
      block.set(body, at)
      at += body.length
    } else {
      pieces.push(block.subarray(start, at), body)
      start = at
    }
  }
  if (start < at) pieces.push(block.subarray(start, at))
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
