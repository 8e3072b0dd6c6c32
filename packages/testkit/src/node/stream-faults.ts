/** What can go wrong with a stream of bytes on its way through a proxy: what there is, what is checked and counted. */

import { GossipError } from '@rumormill/protocol'

/** The faults of one way of a connection. None by default. Changes hold for bytes that come in from then on. */
export interface StreamFaults {
  /** By how much everything is late. Order is kept. */
  readonly latencyMs: number
  /** By up to how much more, each chunk by chance. */
  readonly jitterMs: number
  /** How much passes in a second; the rest waits, and at last so does the sender. Default Infinity. */
  readonly bytesPerSecond: number
  /** The most bytes of one write: 1 cuts everything into single bytes. Default Infinity. */
  readonly sliceBytes: number
  /** The share of chunks of which one bit is flipped, headers and hellos included. */
  readonly flipRate: number
  /** How many bytes of a connection pass before one of which all bits are flipped. Default Infinity: never. */
  readonly flipAfterBytes: number
  /** The share of frames that pass twice: frames as in docs/wire-tcp.md, the first of a connection excepted. */
  readonly duplicateFrameRate: number
  /** After how many bytes the connection is reset, in the middle of whatever it carries. Default Infinity: never. */
  readonly resetAfterBytes: number
  /** After how many bytes this way is closed, as if its sender had ended it. Default Infinity: never. */
  readonly closeAfterBytes: number
  /** How much later than the bytes before it an end is passed on. */
  readonly closeDelayMs: number
  /**
   * Whether bytes are taken and thrown away. A connection that begins while what clients say is swallowed never reaches the
   * target: it was accepted, and nobody will ever answer.
   */
  readonly swallow: boolean
  /** Whether nothing is read and nothing passes until this ends: soon the sender cannot write on. Nothing is lost. */
  readonly stall: boolean
}

/** What a proxy has done so far, over all connections and both ways. */
export interface ProxyCounts {
  readonly connections: number
  /** Connections reset: those refused, and those cut off in the middle. */
  readonly resets: number
  readonly passedBytes: number
  readonly swallowedBytes: number
  readonly flippedBytes: number
  readonly duplicatedFrames: number
}

/** Nothing goes wrong. */
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

/** Throws INVALID_CONFIG with every reason. */
export function checkStreamFaults(changes: Partial<StreamFaults>): void {
  const reasons = Object.entries(changes).flatMap(
    ([name, value]) => reasonAgainst(name, value) ?? []
  )
  if (reasons.length > 0) throw new GossipError('INVALID_CONFIG', reasons.join('; '))
}

function reasonAgainst(name: string, value: unknown): string | undefined {
  if (!Object.hasOwn(SOUND, name))
    return `${name} is not a fault (there are ${Object.keys(SOUND).join(', ')})`
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

// Neither a line that carries nothing nor a slice of nothing ever ends.
const RANGES: Readonly<Record<string, readonly [least: number, most: number]>> = {
  bytesPerSecond: [1, Infinity],
  sliceBytes: [1, Infinity]
}
