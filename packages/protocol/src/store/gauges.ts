/** Gauges of the store and of fetching. */
export interface UpdateGauges {
  /** Active updates, and the bytes of their contents. */
  readonly activeUpdates: number
  readonly activeBytes: number
  /** Expired updates in their grace period: peers may still fetch them. */
  readonly graceUpdates: number
  /** Digests of expired updates, kept so that the updates are not accepted again. */
  readonly seenDigests: number
  /** Contents that are requested or queued for a request. */
  readonly pendingRequests: number
  /** Updates of other nodes that wait for the verdict of `validate`. */
  readonly pendingValidations: number
  /** Updates that could not be accepted when they arrived, and are requested again later. */
  readonly postponedUpdates: number
}
