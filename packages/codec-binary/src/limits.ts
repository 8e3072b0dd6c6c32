/** Limits of one message. Encoder and decoder check them, so that a codec never sends what its peer would refuse. */

import { completeOptions, FIELDS, GossipError, raised } from '@rumormill/protocol/plugin'

/**
 * Limits of {@link binaryCodec}. The defaults are the most that correct peers send. They may be raised, on all nodes of a group,
 * but not lowered.
 */
export interface BinaryCodecOptions {
  /** The most digests in one message. Default `FIELDS.digests.most`, 5,000. */
  readonly maxDigests?: number
  /** The most entries of a view in one message. Default `FIELDS.view.most`, 128. */
  readonly maxPeers?: number
  /** The most contents in one message. Default `FIELDS.contents.most`, 1,024. */
  readonly maxContents?: number
}

export type Limits = Required<BinaryCodecOptions>

const defaults: Limits = {
  maxDigests: FIELDS.digests.most,
  maxPeers: FIELDS.view.most,
  maxContents: FIELDS.contents.most
}

/** The highest value of each limit: far above any useful message, and low enough that sums of sizes are exact. */
const HIGHEST_LIMIT = 2 ** 24

/** Returns all limits. Throws one INVALID_CONFIG that lists every error. */
export function limitsOf(options: BinaryCodecOptions): Limits {
  const reasons: string[] = []
  const limits = completeOptions('', options, defaults, raised(HIGHEST_LIMIT), reasons)
  if (reasons.length > 0) throw new GossipError('INVALID_CONFIG', reasons.join('; '))
  return limits
}
