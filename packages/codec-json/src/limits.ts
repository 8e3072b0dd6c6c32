/** How much one message may hold. The limits are checked on both sides: a codec sends nothing that its twin would refuse. */
import { GossipError } from '@rumormill/protocol'

/** Limits of {@link jsonCodec}. Every member of a group should use the same ones. */
export interface JsonCodecOptions {
  /** Longest text in bytes, held against the bytes before they are parsed. Default 262,144: parsing it never blocks for long. */
  readonly maxTextBytes?: number
  /** Most digests in one message. Default 5,000, as gossipsub caps its lists of ids. */
  readonly maxDigests?: number
  /** Most entries of a view in one message. Default 128, four times the largest view in use (a guess). */
  readonly maxPeers?: number
  /** Most contents in one message. Default 1,024 (a guess: a full message of 1 KiB contents). */
  readonly maxContents?: number
}

export type Limits = Required<JsonCodecOptions>

const defaults: Limits = { maxTextBytes: 262_144, maxDigests: 5000, maxPeers: 128, maxContents: 1024 }

/** Far above what a message of any sane size holds, and below the longest string of every runtime. */
const HIGHEST_LIMIT = 2 ** 28

/** The limits in force. Throws INVALID_CONFIG that lists every reason. */
export function limitsOf(options: JsonCodecOptions): Limits {
  const limits = { ...defaults, ...withoutUndefined(options) }
  const reasons = (Object.keys(defaults) as (keyof Limits)[])
    .filter((name) => !isLimit(limits[name]))
    .map((name) => `${name} must be a whole number from 1 to ${HIGHEST_LIMIT}`)
  if (reasons.length > 0) throw new GossipError('INVALID_CONFIG', reasons.join('; '))
  return limits
}

function isLimit(value: unknown): boolean {
  return Number.isInteger(value) && (value as number) >= 1 && (value as number) <= HIGHEST_LIMIT
}

function withoutUndefined(options: JsonCodecOptions): JsonCodecOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}
