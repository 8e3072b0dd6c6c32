/** Errors of `submit`: why this node does not accept an update of its own. */

import { GossipError } from '../errors.ts'

/** Throws INVALID_UPDATE or UPDATE_TOO_LARGE. */
export function checkContent(content: Uint8Array, maxContentBytes: number): void {
  if (!(content instanceof Uint8Array))
    throw new GossipError('INVALID_UPDATE', 'an update is a Uint8Array')
  if (content.length === 0)
    throw new GossipError('INVALID_UPDATE', 'an update holds at least one byte')
  if (content.length > maxContentBytes) {
    throw new GossipError(
      'UPDATE_TOO_LARGE',
      `${content.length} bytes, but this group takes at most ${maxContentBytes} ` +
        '(the least of store.maxContentBytes and what codec and transport fit into one message)'
    )
  }
}

/** Returns the STORE_FULL error for an update of `bytes`. `retryAfterMs` is Infinity when no update will ever expire. */
export function storeFull(
  held: { activeUpdates: number; activeBytes: number },
  bytes: number,
  retryAfterMs: number
): GossipError {
  return new GossipError(
    'STORE_FULL',
    `${held.activeUpdates} updates of ${held.activeBytes} bytes are active, and ${bytes} bytes more do not fit: raise ` +
      'store.maxUpdates or maxBytes, or let updates end by store.expiration' +
      (retryAfterMs === Infinity ? '' : ` (try again in ${Math.ceil(retryAfterMs)} ms)`),
    retryAfterMs === Infinity ? {} : { retryAfterMs: Math.ceil(retryAfterMs) }
  )
}
