/** The port to the application's judgement: which updates of others are taken at all. */

import type { Address } from '../peer.ts'
import type { Update } from '../update.ts'
import type { Verdict } from '../verdict.ts'

/**
 * Judges an update that `from` sent, before it is stored, handled or passed on; own submissions are not judged. May be
 * async: several are judged at once, up to `validation.maxConcurrent`. What it throws or rejects with, and a verdict that
 * takes longer than `validation.timeoutMs`, is observed as VALIDATE_FAILED; the update is not taken, and a later offer
 * asks again. All nodes of a group should judge alike: an update that some reject does not reach them, nor others by way of them.
 */
export type Validator = (update: Update, from: Address) => Verdict | Promise<Verdict>
