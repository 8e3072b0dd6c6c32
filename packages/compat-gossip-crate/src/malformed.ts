/** The one way in which this package says that bytes are no message. */

import { GossipError } from '@rumormill/protocol'

/** The error to throw. `reason` names what is wrong, never the value: that came from a stranger and may be huge. */
export function malformed(reason: string): GossipError {
  return new GossipError('MALFORMED_MESSAGE', `gossip crate: ${reason}`)
}
