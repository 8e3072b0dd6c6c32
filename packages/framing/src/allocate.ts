/** Memory that is about to be written over: in Node, clearing it first would cost as much as filling it. */

interface Unclear {
  allocUnsafe(bytes: number): Uint8Array
  allocUnsafeSlow(bytes: number): Uint8Array
}

const node = (globalThis as { Buffer?: Unclear }).Buffer

/** `bytes` bytes of any content, with a buffer of their own. */
export const allocate: (bytes: number) => Uint8Array =
  node === undefined ? (bytes) => new Uint8Array(bytes) : (bytes) => node.allocUnsafeSlow(bytes)

/** `bytes` bytes of any content that live shortly: a few share a buffer, because one of their own costs more than they do. */
export const allocateBriefly: (bytes: number) => Uint8Array =
  node === undefined ? (bytes) => new Uint8Array(bytes) : (bytes) => node.allocUnsafe(bytes)
