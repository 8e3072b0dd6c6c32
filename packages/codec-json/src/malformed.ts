/** The two errors of this codec. */

import { GossipError } from '@rumormill/protocol/plugin'

/** Returns MALFORMED_MESSAGE. `reason` must not contain values of the message, because a peer chose them and they may be huge. */
export function malformed(reason: string): GossipError {
  return new GossipError('MALFORMED_MESSAGE', `json: ${reason}`)
}

/** Returns UNKNOWN_MESSAGE, for a version or kind that this codec does not support. */
export function unknown(what: string): GossipError {
  return new GossipError('UNKNOWN_MESSAGE', `json: unknown ${what}`)
}
