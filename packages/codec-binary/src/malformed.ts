/** The one way this codec says no. */
import { GossipError } from '@rumormill/protocol'

/** The error to throw. `reason` names what is wrong, never the value: that came from a stranger and may be huge. */
export function malformed(reason: string): GossipError {
  return new GossipError('MALFORMED_MESSAGE', `binary: ${reason}`)
}
