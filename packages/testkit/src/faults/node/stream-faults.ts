/** The faults of a byte stream through a proxy, their validation, and the counters. */

import { GossipError } from '@rumormill/protocol/plugin'

/** The faults of one direction of a connection. Default: none. Changes apply to bytes that arrive later. */
export interface StreamFaults {
  /** The delay of all bytes, in order. */
  readonly latencyMs: number
  /** The most random delay of a chunk on top of that. */
  readonly jitterMs: number
  /** The bandwidth; further bytes queue, and finally the sender must wait. Default Infinity. */
  readonly bytesPerSecond: number
  /** The most bytes of one write; 1 writes single bytes. Default Infinity. */
  readonly sliceBytes: number
  /** The share of chunks in which one bit is flipped, headers and hellos included. */
  readonly flipRate: number
  /** After how many bytes of a connection all bits of one byte are flipped. Default Infinity: never. */
  readonly flipAfterBytes: number
  /** The share of frames that are sent twice: frames of docs/wire-tcp.md, except for the first of a connection. */
  readonly duplicateFrameRate: number
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
  latencyMs: 0,
  jitterMs: 0,
  bytesPerSecond: Infinity,
  sliceBytes: Infinity,
  flipRate: 0,
  flipAfterBytes: Infinity,
  duplicateFrameRate: 0,
  resetAfterBytes: Infinity,
  closeAfterBytes: Infinity,
  closeDelayMs: 0,
  swallow: false,
  stall: false
}

/** Throws one INVALID_CONFIG that lists every reason. */
export function checkStreamFaults(changes: Partial<StreamFaults>): void {
  const reasons = Object.entries(changes).flatMap(
    ([name, value]) => reasonAgainst(name, value) ?? []
  )
  if (reasons.length > 0) throw new GossipError('INVALID_CONFIG', reasons.join('; '))
}

function reasonAgainst(name: string, value: unknown): string | undefined {
  if (!Object.hasOwn(SOUND, name))
    return `${name} is not a fault (the faults are ${Object.keys(SOUND).join(', ')})`
  if (typeof SOUND[name as keyof StreamFaults] === 'boolean') {
    return typeof value === 'boolean' ? undefined : `${name} must be true or false`
  }
  const [least, most] = RANGES[name] ?? [0, name.endsWith('Rate') ? 1 : Infinity]
  const fits =
    typeof value === 'number' &&
    value >= least &&
    value <= most &&
    !(name.endsWith('Ms') && value === Infinity)
  return fits ? undefined : `${name} must be a number from ${least} to ${most}`
}

// A bandwidth or a slice size of 0 would never finish.
const RANGES: Readonly<Record<string, readonly [least: number, most: number]>> = {
  bytesPerSecond: [1, Infinity],
  sliceBytes: [1, Infinity]
}
