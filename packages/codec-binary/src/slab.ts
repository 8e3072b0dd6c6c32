/** Allocates short-lived memory. Small claims share a larger buffer: separate buffers cost ten times as much. */

/** An allocator that never allocates the same bytes twice. */
export interface Slab {
  /** Returns uninitialized memory, which the caller must fill completely: a view of a shared buffer if `sizeBytes` is small. */
  claim(sizeBytes: number): Uint8Array
}

/** The size of shared buffers: the most memory that a queued message keeps alive. */
const SLAB_BYTES = 32_768

/** Larger claims get a separate buffer, which costs less than the unused end of a shared one. */
const LARGEST_SHARED_BYTES = 10_752

export function createSlab(): Slab {
  let piece = allocate(0)
  let used = 0
  return {
    claim: (sizeBytes) => {
      if (sizeBytes > LARGEST_SHARED_BYTES) return allocate(sizeBytes)
      // If a caller has transferred the buffer of its view, the piece has length 0, and a new one is allocated.
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

/** Node's Buffer, where there is one, for memory that is not zeroed. */
const nodeBuffer: { allocUnsafeSlow(sizeBytes: number): Uint8Array } | undefined = (
  globalThis as { Buffer?: { allocUnsafeSlow(sizeBytes: number): Uint8Array } }
).Buffer

/** Returns a separate, uninitialized buffer, which the caller must fill completely. */
export function allocate(sizeBytes: number): Uint8Array {
  if (nodeBuffer === undefined) return new Uint8Array(sizeBytes)
  return new Uint8Array(nodeBuffer.allocUnsafeSlow(sizeBytes).buffer)
}
