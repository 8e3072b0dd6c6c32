/** Accepts the updates of the application itself, or refuses them. */

import { GossipError } from '../model/errors.ts'
import { digestKey, type HashFunction, type KeyedSubmission } from '../model/update.ts'
import type { StoredUpdate, UpdateStore } from './update-store.ts'

/**
 * Stores a copy of `content` as an active update, or throws with nothing changed. `stored` is missing when the store has it,
 * or had it before.
 */
export function submitTo(
  store: UpdateStore,
  nowMs: number,
  content: Uint8Array,
  { hash, maxContentBytes }: { readonly hash: HashFunction; readonly maxContentBytes: number }
): KeyedSubmission & { readonly stored?: StoredUpdate } {
  store.advance(nowMs)
  checkContent(content, maxContentBytes)
  const key = digestKey(hash(content), 0)
  const status = store.status(key)
  if (status !== 'unknown') return { key, status }
  if (!store.hasCapacity(1, content.length, nowMs))
    throw storeFull(store, content.length, store.capacityInMs(nowMs))
  // Not `slice`: for a Buffer it returns a view, not a copy.
  const stored = store.addOwn(new Uint8Array(content), key, nowMs)
  return { key, status: 'accepted', stored }
}

/** Throws INVALID_UPDATE or UPDATE_TOO_LARGE. */
function checkContent(content: Uint8Array, maxContentBytes: number): void {
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
function storeFull(
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
