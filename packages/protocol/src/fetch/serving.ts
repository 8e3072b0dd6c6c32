/** Answers content requests: with small contents in the requested order, as many as fit one message, or else with large ones. */

import { ageAt, MESSAGE_COST } from '../model/message.ts'
import type { Send } from '../model/message.ts'
import type { Address } from '../model/peer.ts'
import { countDigests, digestKey, type DigestBlock, type DigestKey } from '../model/update.ts'
import type { StoredUpdate, UpdateStore } from '../store/update-store.ts'
import type { FetcherConfig } from './config.ts'

/** Contents of this size are sent after smaller ones of the same request, which they would delay on a slow path. */
const LARGE_BYTES = 65_536

/** Returns the answer to `from`. It is empty when none of the requested contents is left. */
export function serve(
  nowMs: number,
  { maxBatchBytes, maxRequestsPerPeer }: FetcherConfig,
  store: UpdateStore,
  from: Address,
  digests: DigestBlock
): Send {
  const contents: Uint8Array[] = []
  const ages: number[] = []
  const serves = new Set<DigestKey>()
  let bytes = 0
  for (const stored of inOrder(store, digests)) {
    if (serves.has(stored.key)) continue
    bytes += stored.content.length + MESSAGE_COST.contentBytes
    const full = bytes > maxBatchBytes || contents.length >= maxRequestsPerPeer
    if (contents.length > 0 && full) break
    contents.push(stored.content)
    ages.push(ageAt(nowMs, stored.submittedAtMs))
    serves.add(stored.key)
  }
  return {
    kind: 'send',
    to: from,
    message: { kind: 'content-response', contents, ages },
    serves: [...serves]
  }
}

/** Returns the available updates in the requested order: only the small ones, or the large ones if there are no small ones. */
function inOrder(store: UpdateStore, digests: DigestBlock): readonly StoredUpdate[] {
  const small: StoredUpdate[] = []
  const large: StoredUpdate[] = []
  for (let index = 0; index < countDigests(digests); index++) {
    const stored = store.servable(digestKey(digests, index))
    if (stored !== undefined) (stored.content.length < LARGE_BYTES ? small : large).push(stored)
  }
  return small.length > 0 ? small : large
}
