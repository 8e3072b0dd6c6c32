/** Options of fetching. */

import type { StoreConfig } from '../store/config.ts'

/** Options of fetching: how contents are requested from peers, and sent to them. */
export interface FetchConfig {
  /** The bytes of contents in one message, about. A larger content has a message of its own. Default 256 KiB. */
  readonly maxBatchBytes: number
  /** Milliseconds until an unanswered request is sent to the next peer that offered the same. Default 3,000. */
  readonly requestTimeoutMs: number
  /** The most contents that are requested at once, from all peers together. Default 1,024. */
  readonly maxRequests: number
  /** The most contents that are requested at once from one peer. Default 256. */
  readonly maxRequestsPerPeer: number
}

/** The options that fetching reads. */
export interface FetcherConfig extends StoreConfig, FetchConfig {
  readonly maxDigestsPerMessage: number
}
