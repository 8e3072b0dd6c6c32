/** The two ways in which this codec says no. */

import { GossipError } from '@rumormill/protocol'

/** The error to throw. `reason` names what is wrong, never the value: that came from a stranger and may be huge. */
export function malformed(reason: string): GossipError {
  return new GossipError('MALFORMED_MESSAGE', `binary: ${reason}`)
}

/** The error to throw for what may be sound, but is of a version or kind that this codec does not know. */
export function unknown(what: string): GossipError {
  return new GossipError('UNKNOWN_MESSAGE', `binary: unknown ${what}`)
}
