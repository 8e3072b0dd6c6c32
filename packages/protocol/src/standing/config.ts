/** How much a node takes from one peer before it turns its back. */
export interface StandingConfig {
  /** So many offences within `windowMs`, not made up for by good messages, and the peer is ignored. Infinity: nobody is. */
  readonly maxStrikes: number
  /** For how long an offence counts, in milliseconds. */
  readonly windowMs: number
  /** For how long a peer is ignored, in milliseconds; then it begins anew. */
  readonly ignoreMs: number
  /** Of how many peers offences are remembered; the longest quiet are forgotten first. */
  readonly maxOffenders: number
}

const TEN_MINUTES_MS = 10 * 60 * 1000

/** A guess, between gossipsub, which weighs every offence, and a firewall's ten minutes for a host that misbehaves. */
export const DEFAULT_STANDING: StandingConfig = {
  maxStrikes: 3,
  windowMs: TEN_MINUTES_MS,
  ignoreMs: TEN_MINUTES_MS,
  maxOffenders: 1024
}
