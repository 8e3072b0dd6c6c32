/** Memory that is about to be written over: in Node, clearing it first would cost as much as filling it. */

interface Unclear {
  readonly allocUnsafe: Allocate
  readonly allocUnsafeSlow: Allocate
}

type Allocate = (bytes: number) => Uint8Array

const node = (globalThis as { Buffer?: Unclear }).Buffer

/** `bytes` bytes of any content, with a buffer of their own. */
export const allocate: Allocate = node?.allocUnsafeSlow ?? cleared

/** `bytes` bytes of any content that live shortly: a few share a buffer, because one of their own costs more than they do. */
export const allocateBriefly: Allocate = node?.allocUnsafe ?? cleared

function cleared(bytes: number): Uint8Array {
  return new Uint8Array(bytes)
}
