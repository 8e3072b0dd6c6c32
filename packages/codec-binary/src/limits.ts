/** How much one message may hold. The limits are checked on both sides: a codec sends nothing that its twin would refuse. */
import { GossipError } from '@rumormill/protocol'

/** Limits of {@link binaryCodec}. Every member of a group should use the same ones. */
export interface BinaryCodecOptions {
  /** Most digests in one message. Default 5,000, as gossipsub caps its lists of ids. */
  readonly maxDigests?: number
  /** Most entries of a view in one message. Default 128, four times the largest view in use (a guess). */
  readonly maxPeers?: number
  /** Most contents in one message. Default 1,024 (a guess: a full message of 1 KiB contents). */
  readonly maxContents?: number
}

export type Limits = Required<BinaryCodecOptions>

const defaults: Limits = { maxDigests: 5000, maxPeers: 128, maxContents: 1024 }

/** Far above what a message of any sane size holds; keeps sums of sizes exact. */
const HIGHEST_LIMIT = 2 ** 24

/** The limits in force. Throws INVALID_CONFIG that lists every reason. */
export function limitsOf(options: BinaryCodecOptions): Limits {
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

function withoutUndefined(options: BinaryCodecOptions): BinaryCodecOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}
