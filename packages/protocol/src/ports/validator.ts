/** Decides whether an update received from a peer is accepted. */

import type { Address } from '../model/peer.ts'
import type { Update } from '../model/update.ts'
import type { Verdict } from '../model/verdict.ts'

/**
 * Called with an update that `from` sent, before it is stored, delivered or passed on; not with own submissions. May be
 * async: up to `validation.maxConcurrent` calls run at once. If it throws, rejects, or takes longer than
 * `validation.timeoutMs`, that is reported as VALIDATE_FAILED, and the update is postponed. All nodes of a group should
 * decide alike: an update that some reject does not reach them, nor other nodes by way of them.
 */
export type Validator = (update: Update, from: Address) => Verdict | Promise<Verdict>
