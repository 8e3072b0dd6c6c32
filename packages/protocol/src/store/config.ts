/** Options of the update store. The switches are those of the reference crate; it has no such limits. */

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
