/** What the engine wants done. The driver performs effects in order, after the call that returned them. */

import type { Drop } from '../drop.ts'
import type { Send } from '../message.ts'
import type { Address } from '../peer.ts'
import type { Deliver } from '../update.ts'
import type { Validate } from '../verdict.ts'
import type { ViolationEvent } from '../violation.ts'

/** `peer` has left the view, because it left three requests in a row unanswered. */
export interface Unanswered {
  readonly kind: 'unanswered'
  readonly peer: Address
}

/**
 * - `send`: hand the message to the network, then report the outcome by `sent` or `sendFailed`.
 * - `deliver`: give the update to the handler; until it is taken, it counts against `room`.
 * - `validate`: ask whether the update is wanted, then report by `validated`.
 * - `drop`, `violation`, `unanswered`: tell the observer.
 */
export type Effect = Send | Deliver | Validate | Drop | ViolationEvent | Unanswered
