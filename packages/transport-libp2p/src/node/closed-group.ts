/** Closed groups: who may connect at all. */

import type { ConnectionGater, PeerId } from '@libp2p/interface'
import { generateKey } from '@libp2p/pnet'

/** A new pre-shared key, to be given to every node of the group by a way that nobody else can read. */
export function generatePsk(): Uint8Array {
  const key = new Uint8Array(95)
  generateKey(key)
  return key
}

/** Deals only with the nodes of these ids, both ways. The id is known once the handshake has proved it. */
export function allowOnly(peerIds: readonly string[]): ConnectionGater {
  const allowed = new Set(peerIds)
  const deny = (peer: PeerId): boolean => !allowed.has(peer.toString())
  return {
    denyDialPeer: deny,
    denyInboundEncryptedConnection: deny,
    denyOutboundEncryptedConnection: deny
  }
}
