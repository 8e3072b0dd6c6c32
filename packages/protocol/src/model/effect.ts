/** Effects that the engine returns. The driver performs them in order, after the call that returned them. */

import type { Drop } from './drop.ts'
import type { Send } from './message.ts'
import type { Address } from './peer.ts'
import type { Deliver } from './update.ts'
import type { Validate } from './verdict.ts'
import type { Violation, ViolationEvent } from './violation.ts'

/** `peer` was removed from the view, because it left three requests in a row unanswered. */
export interface Unanswered {
  readonly kind: 'unanswered'
  readonly peer: Address
}

/**
 * - `send`: pass the message to the network, then call `sent` or `sendFailed`.
 * - `deliver`: pass the update to the handler; until the handler takes it, it takes one of the `freeSlots`.
 * - `validate`: call the validator, then call `validated` with its verdict.
 * - `dropped`, `violation`, `unanswered`: call the observer.
 */
export type Effect = Send | Deliver | Validate | Drop | ViolationEvent | Unanswered

/** The effects that a message family returns. The engine counts the violations. */
export type FamilyEffect = Send | Drop | Deliver | Validate | Violation
