/** Allocates memory that is not zeroed, for bytes that are overwritten at once: in Node, zeroing costs as much as filling. */

interface Unclear {
  readonly allocUnsafe: Allocate
  readonly allocUnsafeSlow: Allocate
}

type Allocate = (bytes: number) => Uint8Array

const node = (globalThis as { Buffer?: Unclear }).Buffer

/** Returns `bytes` bytes of arbitrary content in an `ArrayBuffer` of their own. */
export const allocate: Allocate = node?.allocUnsafeSlow ?? cleared

/** Returns `bytes` bytes of arbitrary content for short use. Several share one `ArrayBuffer`, which is cheaper to make. */
export const allocateBriefly: Allocate = node?.allocUnsafe ?? cleared

function cleared(bytes: number): Uint8Array {
  return new Uint8Array(bytes)
}
