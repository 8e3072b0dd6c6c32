/** Options of rounds. */

import type { StoreConfig } from '../store/config.ts'

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

/** The options that anti-entropy reads. */
export interface ComparisonConfig extends StoreConfig, AntiEntropyConfig {
  readonly requestTimeoutMs: number
  readonly maxRequestsPerPeer: number
}
