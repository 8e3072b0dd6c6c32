/** The answer to a content request: small contents in the order asked, as many as one message is meant to hold, or else large ones. */

import { ageAt, CONTENT_OVERHEAD_BYTES } from '../message.ts'
import type { Send } from '../message.ts'
import type { Address } from '../peer.ts'
import {
  countDigests,
  digestKey,
  type Digest,
  type DigestBlock,
  type DigestKey
} from '../update.ts'
import type { DisseminationConfig } from './config.ts'
import type { StoredUpdate, UpdateStore } from './update-store.ts'

/** Contents so large go after the small ones that were asked for with them, which would wait for them on a slow path. */
const LARGE_BYTES = 65_536

/** Returns the answer to `from`. It is empty when nothing asked for is left. */
export function serve(
  nowMs: number,
  { maxBatchBytes, maxRequestsPerPeer }: DisseminationConfig,
  store: UpdateStore,
  from: Address,
  digests: DigestBlock
): Send {
  const contents: Uint8Array[] = []
  const ages: number[] = []
  const serves = new Set<Digest>()
  const answers: DigestKey[] = []
  let bytes = 0
  for (const stored of inOrder(store, digests)) {
    if (serves.has(stored.digest)) continue
    bytes += stored.content.length + CONTENT_OVERHEAD_BYTES
    const full = bytes > maxBatchBytes || contents.length >= maxRequestsPerPeer
    if (contents.length > 0 && full) break
    contents.push(stored.content)
    ages.push(ageAt(nowMs, stored.submittedAtMs))
    serves.add(stored.digest)
    answers.push(stored.key)
  }
  return {
    kind: 'send',
    to: from,
    message: { kind: 'content-response', contents, ages },
    serves: [...serves],
    answers
  }
}

/** Those that there are: the small ones as they were asked for, or else the large ones. */
function inOrder(store: UpdateStore, digests: DigestBlock): readonly StoredUpdate[] {
  const small: StoredUpdate[] = []
  const large: StoredUpdate[] = []
  for (let index = 0; index < countDigests(digests); index++) {
    const stored = store.servable(digestKey(digests, index))
    if (stored !== undefined) (stored.content.length < LARGE_BYTES ? small : large).push(stored)
  }
  return small.length > 0 ? small : large
}
