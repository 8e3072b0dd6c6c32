/** What libp2p's errors mean to a sender. */

import { GossipError, toGossipError, type Address } from '@rumormill/protocol'

/** Why no stream to `address` could be opened. */
export function openingFailed(error: unknown, address: Address, protocol: string): GossipError {
  const name = error instanceof Error ? error.name : ''
  if (name === 'UnsupportedProtocolError') {
    const message = `${address} does not speak ${protocol}: another network name, another codec, or no gossip at all`
    return new GossipError('PROTOCOL_MISMATCH', message, { cause: error })
  }
  if (name === 'EncryptionFailedError' || name === 'UnexpectedPeerError') {
    const message = `${address} cannot prove the id in its address, or has another pre-shared key`
    return new GossipError('UNREACHABLE', message, { cause: error })
  }
  if (name === 'InvalidPeerIdError')
    return new GossipError('INVALID_ADDRESS', `${address} is this node itself`, { cause: error })
  return toGossipError(error, 'UNREACHABLE', `cannot reach ${address}`)
}

/** Why a stream that was open is so no longer. */
export function streamLost(peer: string, cause: unknown): GossipError {
  const why = cause instanceof Error ? cause.message : 'the peer closed it'
  return new GossipError('CONNECTION_LOST', `the stream to ${peer} ended: ${why}`, { cause })
}
