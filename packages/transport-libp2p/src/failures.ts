/** What libp2p's errors mean to a sender, in words that say what to do. */

import { GossipError, toGossipError, type Address, type GossipErrorCode } from '@rumormill/protocol'

interface Meaning {
  /** By the name of the error, and of what its message must have in it. */
  readonly name: string
  readonly text?: RegExp
  readonly code: GossipErrorCode
  words(address: Address, protocol: string): string
}

const LACKS_HANDSHAKE =
  'it is full, denies this node, has another pre-shared key, or does not speak libp2p'

function lateWords(address: Address): string {
  return `${address} did not answer in time: nothing is there, or it has another pre-shared key, or does not speak libp2p`
}

function ownKeyWords(address: Address): string {
  return `${address} is this node, or another that has its key`
}

const OTHER_PROTOCOL = 'UnsupportedProtocolError'

/** The first that fits. */
const MEANINGS: readonly Meaning[] = [
  {
    name: OTHER_PROTOCOL,
    code: 'PROTOCOL_MISMATCH',
    words: (address, protocol) =>
      `${address} does not speak ${protocol}: another network name, another codec, or no gossip at all`
  },
  {
    name: 'EncryptionFailedError',
    text: /remote identity key/,
    code: 'UNREACHABLE',
    words: (address) => `${address} cannot prove the id in its address: another node is there`
  },
  {
    name: 'UnexpectedPeerError',
    code: 'UNREACHABLE',
    words: (address) => `${address} cannot prove the id in its address: another node is there`
  },
  {
    name: 'EncryptionFailedError',
    text: /length/,
    code: 'UNREACHABLE',
    words: (address) =>
      `${address} does not answer as libp2p does: it does not speak it, or has a pre-shared key that this node lacks`
  },
  {
    name: 'EncryptionFailedError',
    text: /timeout/,
    code: 'UNREACHABLE',
    words: lateWords
  },
  {
    name: 'TimeoutError',
    code: 'UNREACHABLE',
    words: lateWords
  },
  {
    name: 'EncryptionFailedError',
    code: 'UNREACHABLE',
    words: (address) =>
      `${address} closed the connection before it was encrypted: ${LACKS_HANDSHAKE}`
  },
  {
    name: 'UnexpectedEOFError',
    code: 'UNREACHABLE',
    words: (address) =>
      `${address} closed the connection as soon as it was there: it is full, or denies this node`
  },
  {
    name: 'DialDeniedError',
    code: 'UNREACHABLE',
    words: (address) => `${address} is not dialled: the gater of this node denies it`
  },
  {
    name: 'InvalidPeerIdError',
    code: 'INVALID_ADDRESS',
    words: ownKeyWords
  }
]

/** Whether the peer was reached, and does not speak the protocol that was asked for. */
export function isOtherProtocol(error: unknown): boolean {
  return error instanceof Error && error.name === OTHER_PROTOCOL
}

/** Why no stream to `address` could be opened. */
export function openingFailed(failure: unknown, address: Address, protocol: string): GossipError {
  // A `close` event has the error in it that ended the stream, if one did.
  const inside = (failure as { error?: unknown } | undefined)?.error
  const error = failure instanceof Event && inside instanceof Error ? inside : failure
  const { name, message } = error instanceof Error ? error : { name: '', message: '' }
  const meaning = MEANINGS.find(
    (each) => each.name === name && (each.text === undefined || each.text.test(message))
  )
  if (meaning !== undefined)
    return new GossipError(meaning.code, meaning.words(address, protocol), { cause: error })
  if (/\bE[MN]FILE\b/.test(message)) {
    const why = 'this process has no file descriptor left (ulimit -n)'
    return new GossipError('UNREACHABLE', `cannot reach ${address}: ${why}`, { cause: error })
  }
  if (message === 'read ECONNRESET') {
    const why = `it reset the connection before it was encrypted: ${LACKS_HANDSHAKE}`
    return new GossipError('UNREACHABLE', `cannot reach ${address}: ${why}`, { cause: error })
  }
  if (isClosedConnection(error)) {
    const why = 'the connection was closed'
    return new GossipError('UNREACHABLE', `cannot reach ${address}: ${why}`, { cause: error })
  }
  return toGossipError(error, 'UNREACHABLE', `cannot reach ${address}`)
}

/** libp2p has several words for it, of parts that nobody sees; or none, where it rejects with a `close` event. */
function isClosedConnection(error: unknown): boolean {
  if (error instanceof Event) return error.type === 'close'
  return (
    error instanceof Error &&
    ['ConnectionClosedError', 'MuxerClosedError', 'StreamClosedError'].includes(error.name)
  )
}

/** The address has the key of this node in it. */
export function ownKeyError(address: Address): GossipError {
  return new GossipError('INVALID_ADDRESS', ownKeyWords(address))
}

/** The peer did not take part in opening a stream for too long. */
export function lateError(address: Address): GossipError {
  return new GossipError('UNREACHABLE', lateWords(address))
}

/** Why a stream that was open is so no longer. */
export function streamLost(peer: string, cause: unknown): GossipError {
  const why = !(cause instanceof Error)
    ? 'the peer closed it'
    : isClosedConnection(cause)
      ? 'the connection was closed'
      : cause.message
  return new GossipError('CONNECTION_LOST', `the stream to ${peer} ended: ${why}`, { cause })
}
