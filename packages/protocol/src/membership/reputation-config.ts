/** When a peer is banned for violations. */
export interface ReputationConfig {
  /**
   * A peer is banned at this many violations. One is forgotten for each useful message, and one each `windowMs`. Infinity:
   * never. Default 3.
   */
  readonly maxPenalties: number
  /** Milliseconds after which one violation of a peer is forgotten, then the next one. Default 600,000. */
  readonly windowMs: number
  /** Milliseconds that a ban lasts. Afterwards the peer starts without penalties. Default 600,000. */
  readonly banMs: number
  /** The most peers whose violations are counted; the one without a violation for longest is forgotten first. Default 1,024. */
  readonly maxTrackedPeers: number
}

const TEN_MINUTES_MS = 10 * 60 * 1000

/** A guess, between gossipsub, which weighs every violation, and a firewall that blocks a host for ten minutes. */
export const DEFAULT_REPUTATION: ReputationConfig = {
  maxPenalties: 3,
  windowMs: TEN_MINUTES_MS,
  banMs: TEN_MINUTES_MS,
  maxTrackedPeers: 1024
}
