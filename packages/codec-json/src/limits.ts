/** How much one message may hold, checked on both sides: a codec sends nothing that its twin would refuse. */

import {
  completeOptions,
  GossipError,
  MAX_CONTENTS,
  MAX_DIGESTS,
  MAX_VIEW_ENTRIES,
  raised
} from '@rumormill/protocol'

/**
 * Limits of {@link jsonCodec}. The defaults are what correct peers send at most: they may be raised, at all nodes of
 * a group, and not lowered.
 */
export interface JsonCodecOptions {
  /** Longest text in bytes, checked before it is parsed. Default 262,144: parsing it never blocks for long. */
  readonly maxTextBytes?: number
  /** Most digests in one message. Default `MAX_DIGESTS`, 5,000. */
  readonly maxDigests?: number
  /** Most entries of a view in one message. Default `MAX_VIEW_ENTRIES`, 128. */
  readonly maxPeers?: number
  /** Most contents in one message. Default `MAX_CONTENTS`, 1,024. */
  readonly maxContents?: number
}

export type Limits = Required<JsonCodecOptions>

const defaults: Limits = {
  maxTextBytes: 262_144,
  maxDigests: MAX_DIGESTS,
  maxPeers: MAX_VIEW_ENTRIES,
  maxContents: MAX_CONTENTS
}

/** Far above what a message of any sane size holds, and below the longest string of every runtime. */
const HIGHEST_LIMIT = 2 ** 28

/** The limits in force. Throws INVALID_CONFIG that lists every reason. */
export function limitsOf(options: JsonCodecOptions): Limits {
  const reasons: string[] = []
  const limits = completeOptions('', options, defaults, raised(HIGHEST_LIMIT), reasons)
  if (reasons.length > 0) throw new GossipError('INVALID_CONFIG', reasons.join('; '))
  return limits
}
