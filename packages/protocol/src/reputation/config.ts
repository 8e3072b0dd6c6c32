/** When a peer is banned for violations. */
export interface ReputationConfig {
  /** A peer is banned when it has so many violations within `windowMs` that useful messages have not offset. Infinity: never. */
  readonly maxPenalties: number
  /** How long a violation counts, in milliseconds. */
  readonly windowMs: number
  /** How long a ban lasts, in milliseconds. Afterwards the peer starts without penalties. */
  readonly banMs: number
  /** How many peers have their violations remembered; the one without a violation for longest is forgotten first. */
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
