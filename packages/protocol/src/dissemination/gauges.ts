/** What this wing holds, in numbers. */
export interface DisseminationGauges {
  /** Updates that are active, and the bytes of their contents. */
  readonly activeUpdates: number
  readonly activeBytes: number
  /** Expired updates that are still handed to peers to whom they were offered. */
  readonly graceUpdates: number
  /** Digests of expired updates, seen so that they are not accepted again. */
  readonly seenDigests: number
  /** Contents asked for and awaited. */
  readonly pendingRequests: number
  /** Updates of others that wait for the verdict of `validate`. */
  readonly pendingValidations: number
  /** Updates that could not be taken when they came, and are tried again later. */
  readonly postponedUpdates: number
}
