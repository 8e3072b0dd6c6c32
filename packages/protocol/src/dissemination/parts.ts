/** Builds the parts of a disseminator from its configuration. */

import type { Journal } from '../journal.ts'
import type { DisseminationConfig } from './config.ts'
import { MAX_TIMEOUTS } from './path-estimate.ts'
import { PendingRequests } from './pending-requests.ts'
import { UpdateStore } from './update-store.ts'

export function storeFor(config: DisseminationConfig, journal?: Journal): UpdateStore {
  return new UpdateStore(
    config.expiration,
    {
      maxUpdates: config.maxUpdates,
      maxBytes: config.maxBytes,
      maxSeen: config.maxSeenDigests,
      // The longest time that a request may wait for its answer.
      graceMs: MAX_TIMEOUTS * config.requestTimeoutMs
    },
    journal
  )
}

export function requestsFor(config: DisseminationConfig): PendingRequests {
  return new PendingRequests({
    maxRequests: config.maxRequests,
    maxRequestsPerPeer: mostPerRequest(config),
    maxBatchBytes: config.maxBatchBytes,
    timeoutMs: config.requestTimeoutMs
  })
}

export function mostPerRequest(config: DisseminationConfig): number {
  return Math.min(config.maxRequestsPerPeer, config.maxDigestsPerMessage)
}
