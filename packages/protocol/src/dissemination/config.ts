/**
 * Options of the update store, of fetching and of rounds. The switches are those of the reference crate; it has no such
 * limits.
 */

/** When an active update expires. It is then no longer offered, and its digest is kept so that it is not accepted again. */
export type Expiration =
  /** Never: for groups that submit a bounded number of updates. The store fills up and then refuses new ones. */
  | { readonly mode: 'none' }
  /** `ms` milliseconds after it was submitted, on every node: contents carry their age. */
  | { readonly mode: 'duration'; readonly ms: number }
  /** Once its digest was sent `count` times, in requests or responses. A node without peers sends nothing, so nothing expires. */
  | { readonly mode: 'pushCount'; readonly count: number }
  | MostRecent

/**
 * Expires the oldest updates, by age: down to `count` when more than `count * (1 + margin)` are active, and down to
 * `maxBytes` when they take more bytes.
 */
export interface MostRecent {
  readonly mode: 'mostRecent'
  readonly count: number
  readonly margin: number
  /**
   * No update that is younger expires, so that each has time to reach all nodes. Meanwhile a full store refuses new updates,
   * and `submit` throws STORE_FULL with the milliseconds until the next try. Default: 0.
   */
  readonly minAgeMs?: number
}

/** Options of the update store. */
export interface StoreConfig {
  /** When an update expires. Default: `mostRecent` with a `count` of `maxUpdates`; `none` with the preset `reference`. */
  readonly expiration: Expiration
  /** The most active updates. A full store fetches nothing, and `submit` throws STORE_FULL. Default 100,000. */
  readonly maxUpdates: number
  /** The most bytes of active updates; the store is full at either limit. Default 256 MiB. */
  readonly maxBytes: number
  /** The largest content, in bytes. Codec and transport may set a lower limit. Default 512 KiB. */
  readonly maxContentBytes: number
  /** The most digests of expired updates that are kept; the oldest are removed first. Default 100,000. */
  readonly maxSeenDigests: number
}

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

/** Options of rounds: how two nodes compare their active updates. */
export interface AntiEntropyConfig {
  /** Whether to name active updates in requests, and to fetch what the requests of peers name. Default true. */
  readonly push: boolean
  /** Whether to answer the requests of peers, and to fetch what the answers of peers name. Default true. */
  readonly pull: boolean
  /** Milliseconds from one round to the next. Default 200, 1,000 with the presets `wan` and `reference`, 100 with `local`. */
  readonly periodMs: number
  /** The share by which each period is randomly longer or shorter, at most. Default 0.1; 0 with the preset `reference`. */
  readonly jitter: number
  /**
   * How a round names the active updates: by a `sketch`, whose size grows with the difference, or by the `list` of all
   * digests, as the reference crate does. A node that only pushes or only pulls, or expires by `pushCount`, always uses lists.
   * Default `sketch`; `list` with the preset `reference`, and with codecs that carry no sketches.
   */
  readonly reconciliation: 'sketch' | 'list'
  /**
   * The bytes of an update's salted digest that identify it in a sketch; must be the same in the whole group. With 8, a peer
   * that may submit updates can find two with the same short id in 2^32 tries, and so make sketches useless. With 16 this is
   * infeasible, and a difference costs 28 bytes instead of 17. Default 8.
   */
  readonly shortIdBytes: 8 | 16
  /** How many peers each round compares with. Default 1. */
  readonly fanout: number
  /**
   * The most digests in one message; lowered to what codec and transport carry. With more active updates, each message names
   * the newest and a part of the others. Default 5,000.
   */
  readonly maxDigestsPerMessage: number
}

/** All options of this folder. */
export interface DisseminationConfig extends StoreConfig, FetchConfig, AntiEntropyConfig {}
