/** The port that says who belongs to the group. */

import type { Address } from '../peer.ts'

/**
 * Whether `peer` belongs to the group now; others are neither read nor told anything. Called once for each message that
 * comes in or goes out, and for each address that a view names: answer at once, from memory. The answer may change: who
 * is removed leaves view, neighbors, trees and targets at its next message, or at the next thing meant for it, whichever
 * comes first. What it throws is observed as AUTHORIZE_FAILED, and means no. An address is as good as the transport's
 * evidence for it: a host over TCP, a key over libp2p.
 */
export type Authorizer = (peer: Address) => boolean
