/** The faults of a byte stream through a proxy, and the counters. */

import type { DelayMs } from '../faults.ts'

/** The faults of one direction of a connection. Default: none. Changes apply to bytes that arrive later. */
export interface StreamFaults {
  /** The delay of each chunk. A stream keeps its order, so a chunk also waits for the earlier ones. */
  readonly delayMs: DelayMs
  /** The bandwidth; further bytes queue, and finally the sender must wait. Default Infinity. */
  readonly bytesPerSecond: number
  /** The most bytes of one write; 1 writes single bytes. Default Infinity. */
  readonly sliceBytes: number
  /** The share of chunks in which one bit is flipped, headers and hellos included. */
  readonly flip: number
  /** After how many bytes of a connection all bits of one byte are flipped. Default Infinity: never. */
  readonly flipAfterBytes: number
  /** The share of messages that arrive twice: whole frames of docs/wire-tcp.md, except for the first of a connection. */
  readonly duplicate: number
  /** After how many bytes the connection is reset, even inside a frame. Default Infinity: never. */
  readonly resetAfterBytes: number
  /** After how many bytes this direction is closed, as if its sender had ended it. Default Infinity: never. */
  readonly closeAfterBytes: number
  /** The delay from the last bytes to the end of the stream. */
  readonly closeDelayMs: number
  /**
   * Whether bytes are read and dropped. A connection that begins while this is set for the direction to the target never
   * reaches the target: it is accepted, and never answered.
   */
  readonly swallow: boolean
  /** Whether reading pauses until this ends, so that the sender soon cannot write. No byte is lost. */
  readonly stall: boolean
}

/** The counters of a proxy, over all connections and both directions. */
export interface ProxyCounts {
  readonly connections: number
  /** Reset connections: refused ones, and open ones. */
  readonly resets: number
  readonly passedBytes: number
  readonly swallowedBytes: number
  readonly flippedBytes: number
  readonly duplicatedFrames: number
}

/** No faults. */
export const SOUND: StreamFaults = {
  delayMs: 0,
  bytesPerSecond: Infinity,
  sliceBytes: Infinity,
  flip: 0,
  flipAfterBytes: Infinity,
  duplicate: 0,
  resetAfterBytes: Infinity,
  closeAfterBytes: Infinity,
  closeDelayMs: 0,
  swallow: false,
  stall: false
}
