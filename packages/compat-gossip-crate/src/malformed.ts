/** The error for bytes that are not a valid message. */

import { GossipError } from '@rumormill/protocol/plugin'

/** Returns the error. `reason` must not contain the received value, which may be hostile and huge. */
export function malformed(reason: string): GossipError {
  return new GossipError('MALFORMED_MESSAGE', `gossip crate: ${reason}`)
}
