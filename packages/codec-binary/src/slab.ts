/** Room for encoded messages. Small ones share a larger piece, which costs a quarter of a piece of their own. */

/** Hands out room. Every byte is handed out once: what was claimed belongs to the claimer for ever. */
export interface Slab {
  /** Zeroed bytes; a view of a shared buffer when `sizeBytes` is small. */
  claim(sizeBytes: number): Uint8Array
}

/** As large as allows three of the largest small messages: a message still queued keeps this much alive at most. */
const SLAB_BYTES = 32_768

/** Above this, a piece of its own costs no more than copying into it. */
const LARGEST_SHARED_BYTES = 10_752

export function createSlab(): Slab {
  let piece = new Uint8Array(0)
  let used = 0
  return {
    claim: (sizeBytes) => {
      if (sizeBytes > LARGEST_SHARED_BYTES) return new Uint8Array(sizeBytes)
      // A caller who transfers its view's buffer away leaves a piece of length 0: then there is no room either.
      if (piece.length - used < sizeBytes) {
        piece = new Uint8Array(SLAB_BYTES)
        used = 0
      }
      const start = used
      used += sizeBytes
      return piece.subarray(start, used)
    }
  }
}
