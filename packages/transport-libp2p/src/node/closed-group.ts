/** Closed groups: pre-shared keys and lists of allowed peers. */

import type { ConnectionGater, PeerId } from '@libp2p/interface'
import { generateKey } from '@libp2p/pnet'

/** Returns a new pre-shared key. Distribute it to every node of the group over a confidential channel. */
export function generatePsk(): Uint8Array {
  const key = new Uint8Array(95)
  generateKey(key)
  return key
}

/** Returns a gater that allows only these peer ids, in both directions. The handshake authenticates the id. */
export function allowOnly(peerIds: readonly string[]): ConnectionGater {
  const allowed = new Set(peerIds)
  const deny = (peer: PeerId): boolean => !allowed.has(peer.toString())
  return {
    denyDialPeer: deny,
    denyInboundEncryptedConnection: deny,
    denyOutboundEncryptedConnection: deny
  }
}
