/** What `validate` answers about an update of another node, before it is stored, delivered or passed on. */

import type { Address } from './peer.ts'
import type { KeyedUpdate } from './update.ts'

/**
 * - `accept`: store it, deliver it, pass it on.
 * - `ignore`: do not, and keep its digest so that it is not fetched again.
 * - `reject`: the same, and report a `violation` by the peer that sent it. A peer that only passes on what it accepted is not
 *   banned for it.
 * - `later`: there is no answer yet, as when an update refers to one that has not come. It is fetched and validated again at
 *   growing intervals, and dropped as `lost` after too many.
 */
export type Verdict = 'accept' | 'ignore' | 'reject' | 'later'

/** An update to validate. */
export interface Validate {
  readonly kind: 'validate'
  readonly update: KeyedUpdate
  readonly from: Address
}
