/** What the application says of an update of others before it is stored, handled or passed on. */
import type { Address } from './peer.ts'
import type { Update } from './update.ts'

/**
 * - `accept`: store it, hand it to the handler, pass it on.
 * - `ignore`: pass over it, and remember its digest so that it is not fetched again.
 * - `reject`: the same, and hold it against the peer that sent it.
 */
export type Verdict = 'accept' | 'ignore' | 'reject'

/** An update to be judged. */
export interface Validate {
  readonly kind: 'validate'
  readonly update: Update
  readonly from: Address
}
