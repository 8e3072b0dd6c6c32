/** Calls the application's `authorize`, which decides which peers belong to the group. */

import { toGossipError, type GossipError } from '../model/errors.ts'
import type { Address } from '../model/peer.ts'
import type { Authorizer } from '../ports/authorizer.ts'

/** Returns the function for the engine: false if `authorize` throws or returns anything but true. */
export function authorization(
  authorize: Authorizer,
  failed: (error: GossipError, peer: Address) => void
): (peer: Address) => boolean {
  return (peer) => {
    try {
      const answer: unknown = authorize(peer)
      // Not `Boolean(answer)`: a promise would count as true.
      return answer === true
    } catch (error) {
      failed(toGossipError(error, 'AUTHORIZE_FAILED', `authorize(${peer})`), peer)
      return false
    }
  }
}
