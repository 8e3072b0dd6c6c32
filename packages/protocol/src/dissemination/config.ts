/** How updates spread and when they end. The switches are the reference crate's; every limit is ours. */

/** When an active update expires: it is no longer offered, and its digest is remembered so that it is not taken again. */
export type Expiration =
  /** Never: for groups that submit a bounded number of updates. The store fills up, and then refuses. */
  | { readonly mode: 'none' }
  /** `ms` milliseconds after it was submitted, wherever that was: contents carry their age. */
  | { readonly mode: 'duration'; readonly ms: number }
  /** Once its digest was handed to the network `count` times, in requests and responses alike. No peers: no pushes. */
  | { readonly mode: 'pushCount'; readonly count: number }
  | MostRecent

/**
 * When more than `count * (1 + margin)` are active, or more bytes than `maxActiveBytes`, the oldest by their age go, down
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

export interface DisseminationConfig {
  /** Offer our updates: name them in requests, and ask for what requests name. */
  readonly push: boolean
  /** Learn of updates by answers: answer requests, and ask for what answers name. */
  readonly pull: boolean
  /** Milliseconds from one round to the next. */
  readonly periodMs: number
  /** Each period is stretched or shortened by up to this share of it. */
  readonly jitter: number
  /**
   * How a round tells what is active: by `sketch`, whose size goes with what the two differ in, once there is much to name;
   * or always by the `list` of all digests, as the reference crate. Rounds that only push or only pull, and updates that
   * expire by `pushCount`, go by list in either case.
   */
  readonly reconciliation: 'sketch' | 'list'
  /**
   * How many bytes of a salted digest stand for an update in a sketch; the same in the whole group. With 8, somebody who
   * may submit updates can make two of one short id, in 2^32 tries, and so make sketches of no use; with 16 nobody can, and
   * a difference costs 28 bytes instead of 17.
   */
  readonly shortIdBytes: 8 | 16
  /** How many peers a round goes to. */
  readonly fanout: number
  readonly expiration: Expiration
  /** The largest content, in bytes; the codec and the transport may set a lower one. */
  readonly maxContentBytes: number
  /** The most active updates, and bytes of them. Beyond, `submit` throws STORE_FULL and nothing more is fetched. */
  readonly maxActiveUpdates: number
  readonly maxActiveBytes: number
  /** The most digests of expired updates that are remembered; the oldest are forgotten first. */
  readonly maxRememberedDigests: number
  /** The most digests in one message; of more active updates, each message names the newest and a part of the others. */
  readonly maxDigestsPerMessage: number
  /** Contents are handed over in messages of about so many bytes, or one content each if that is larger. */
  readonly maxBatchBytes: number
  /** How long a peer has to answer before the next one that offered the same is asked. */
  readonly requestTimeoutMs: number
  /** The most contents awaited, in all and from one peer. */
  readonly maxRequests: number
  readonly maxRequestsPerPeer: number
}
