/** Asks the application who belongs to the group. */

import { toGossipError, type GossipError } from '../errors.ts'
import type { Address } from '../peer.ts'
import type { Authorizer } from '../ports/authorizer.ts'

/** What the engine is given: one that throws, or answers anything but true, says no. */
export function authorization(
  authorize: Authorizer,
  failed: (error: GossipError, peer: Address) => void
): (peer: Address) => boolean {
  return (peer) => {
    try {
      const answer: unknown = authorize(peer)
      // A promise would be true as well.
      return answer === true
    } catch (error) {
      failed(toGossipError(error, 'AUTHORIZE_FAILED', `authorize(${peer})`), peer)
      return false
    }
  }
}
