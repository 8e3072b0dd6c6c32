/** What the application says of an update of others before it is stored, handled or passed on. */

import type { Address } from './peer.ts'
import type { Update } from './update.ts'

/**
 * - `accept`: store it, hand it to the handler, pass it on.
 * - `ignore`: pass over it, and remember its digest so that it is not fetched again.
 * - `reject`: the same, and tell by `violation` who sent it. Who only passes on what it accepted is not banned for it.
 * - `later`: it cannot be judged yet, as when what it refers to has not come. It is fetched and judged again at growing
 *   intervals, and told as `lost` when that was in vain too often.
 */
export type Verdict = 'accept' | 'ignore' | 'reject' | 'later'

/** An update to be judged. */
export interface Validate {
  readonly kind: 'validate'
  readonly update: Update
  readonly from: Address
}
