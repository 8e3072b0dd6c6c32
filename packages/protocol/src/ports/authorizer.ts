/** The port that says who belongs to the group. */
import type { Address } from '../peer.ts'

/**
 * Whether `peer` belongs to the group; others are neither read nor told anything. Asked for every address that is heard
 * of, often: answer at once, from memory, and the same each time. What it throws is observed as AUTHORIZE_FAILED, and
 * means no. An address is as good as the transport's evidence for it: a host over TCP, a key over libp2p.
 */
export type Authorizer = (peer: Address) => boolean
