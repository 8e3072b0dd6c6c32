/** Room for bytes that live shortly. Small ones share a larger piece: a buffer of their own costs ten times more. */

/** Hands out room. Every byte is handed out once: what was claimed belongs to the claimer forever. */
export interface Slab {
  /** Room to be filled by the claimer, to the last byte; a view of a shared buffer when `sizeBytes` is small. */
  claim(sizeBytes: number): Uint8Array
}

/** A message that is still queued keeps this much alive at most. */
const SLAB_BYTES = 32_768

/** Above this, a buffer of its own costs less than what is lost at the end of a piece. */
const LARGEST_SHARED_BYTES = 10_752

export function createSlab(): Slab {
  let piece = allocate(0)
  let used = 0
  return {
    claim: (sizeBytes) => {
      if (sizeBytes > LARGEST_SHARED_BYTES) return allocate(sizeBytes)
      // A claimer who transfers its view's buffer away leaves a piece of length 0: then there is no room either.
      if (piece.length - used < sizeBytes) {
        piece = allocate(SLAB_BYTES)
        used = 0
      }
      const start = used
      used += sizeBytes
      return piece.subarray(start, used)
    }
  }
}

/** The one thing asked of Node's Buffer, where there is one: memory that is not zeroed, as it is filled at once. */
const nodeBuffer: { allocUnsafeSlow(sizeBytes: number): Uint8Array } | undefined = (
  globalThis as { Buffer?: { allocUnsafeSlow(sizeBytes: number): Uint8Array } }
).Buffer

/** A buffer of its own, to be filled to the last byte. */
export function allocate(sizeBytes: number): Uint8Array {
  if (nodeBuffer === undefined) return new Uint8Array(sizeBytes)
  return new Uint8Array(nodeBuffer.allocUnsafeSlow(sizeBytes).buffer)
}
