/** What a node stores, how it fetches, and how rounds compare. The switches are the reference crate's; the limits are ours. */

/** When an active update expires. It is then no longer offered, and its digest is kept so that it is not accepted again. */
export type Expiration =
  /** Never: for groups that submit a bounded number of updates. The store fills up and then refuses new ones. */
  | { readonly mode: 'none' }
  /** `ms` milliseconds after it was submitted, at whichever node: contents carry their age. */
  | { readonly mode: 'duration'; readonly ms: number }
  /** Once its digest was sent `count` times, in requests and responses alike. Without peers nothing is sent. */
  | { readonly mode: 'pushCount'; readonly count: number }
  | MostRecent

/**
 * When more than `count * (1 + margin)` are active, or more bytes than `maxBytes`, the oldest by their age expire, down
 * to `count`.
 */
export interface MostRecent {
  readonly mode: 'mostRecent'
  readonly count: number
  readonly margin: number
  /**
   * None goes that is younger: before it has had the time to reach everybody. Meanwhile a full store refuses what is new;
   * `submit` throws STORE_FULL and tells in how many milliseconds to try again. Default: 0.
   */
  readonly minAgeMs?: number
}

/** What a node keeps, and until when. */
export interface StoreConfig {
  /** When an update expires. Default: `mostRecent`, as many as `maxUpdates`; `none` with the preset `reference`. */
  readonly expiration: Expiration
  /** The most active updates. Beyond it `submit` throws STORE_FULL and nothing is fetched. Default 100,000. */
  readonly maxUpdates: number
  /** The most bytes of active updates, with the same effect. Default 256 MiB. */
  readonly maxBytes: number
  /** The largest content, in bytes. Codec and transport may set a lower limit. Default 512 KiB. */
  readonly maxContentBytes: number
  /** The most digests of expired updates that are kept; the oldest are forgotten first. Default 100,000. */
  readonly maxSeenDigests: number
}

/** How contents are requested from peers, and sent to them. */
export interface FetchConfig {
  /** Contents are sent in messages of about so many bytes, or one each if larger. Default 256 KiB. */
  readonly maxBatchBytes: number
  /** Milliseconds until an unanswered request goes to the next peer that offered the same. Default 3,000. */
  readonly requestTimeoutMs: number
  /** The most contents that are requested at once, from all peers. Default 1,024. */
  readonly maxRequests: number
  /** The most contents that are requested at once from one peer. Default 256. */
  readonly maxRequestsPerPeer: number
}

/** How rounds compare what two nodes have. */
export interface AntiEntropyConfig {
  /** Offer updates: name them in requests, and fetch what requests name. Default true. */
  readonly push: boolean
  /** Learn of updates by answers: answer requests, and fetch what answers name. Default true. */
  readonly pull: boolean
  /** Milliseconds from one round to the next. Default 200, 1,000 with the presets `wan` and `reference`, 100 with `local`. */
  readonly periodMs: number
  /** Each period is stretched or shortened by up to this share of it. Default 0.1; 0 with the preset `reference`. */
  readonly jitter: number
  /**
   * How a round tells what is active: by `sketch`, whose size grows with the difference, or by the `list` of all digests, as
   * the reference crate. Rounds that only push or only pull, and updates that expire by `pushCount`, always use lists.
   * Default `sketch`; `list` with the preset `reference`, and with codecs that carry no sketches.
   */
  readonly reconciliation: 'sketch' | 'list'
  /**
   * How many bytes of a salted digest stand for an update in a sketch; the same in the whole group. With 8, a peer that may
   * submit updates can make two with one short id, in 2^32 tries, and so make sketches useless; with 16 nobody can, and a
   * difference costs 28 bytes instead of 17. Default 8.
   */
  readonly shortIdBytes: 8 | 16
  /** How many peers a round goes to. Default 1. */
  readonly fanout: number
  /**
   * The most digests in one message. Of more active updates, each message names the newest and a part of the others. Lowered
   * to what codec and transport carry. Default 5,000.
   */
  readonly maxDigestsPerMessage: number
}

/** The three of them: what the parts of this folder read their options from. */
export interface DisseminationConfig extends StoreConfig, FetchConfig, AntiEntropyConfig {}
