/** The port that decides which peers belong to the group. */

import type { Address } from '../model/peer.ts'

/**
 * Returns whether `peer` belongs to the group now. Nothing is read from other peers, and nothing is sent to them. Called for
 * each message in and out, and for each address in a view: it MUST answer at once, from memory. The answer may change: a
 * peer that is removed leaves view, neighbors, trees and targets at its next message or at the next message to it, whichever
 * comes first. If it throws, that is reported as AUTHORIZE_FAILED and means no. An address is as good as the transport's
 * evidence for it: a host over TCP, a key over libp2p.
 */
export type Authorizer = (peer: Address) => boolean
