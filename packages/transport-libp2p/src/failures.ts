/** Translates libp2p's errors into gossip errors that say what to do. */

import {
  GossipError,
  toGossipError,
  type Address,
  type GossipErrorCode
} from '@rumormill/protocol/plugin'

interface Meaning {
  /** The name of the libp2p error, and a pattern that its message must match. */
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

/** The known errors; the first match counts. */
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
      `${address} does not answer as libp2p does: it is no libp2p node, or has a pre-shared key that this node lacks`
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
    words: (address) => `${address} closed the connection at once: it is full, or denies this node`
  },
  {
    name: 'DialDeniedError',
    code: 'UNREACHABLE',
    words: (address) => `${address} was not dialled: the connection gater of this node denies it`
  },
  {
    name: 'InvalidPeerIdError',
    code: 'INVALID_ADDRESS',
    words: ownKeyWords
  }
]

/** Returns whether the peer was reached but does not speak the requested protocol. */
export function isOtherProtocol(error: unknown): boolean {
  return error instanceof Error && error.name === OTHER_PROTOCOL
}

/** Returns the error for a stream to `address` that could not be opened. */
export function openingFailed(failure: unknown, address: Address, protocol: string): GossipError {
  // A `close` event carries the error that ended the stream, if any.
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

/** Returns whether the connection closed, for which libp2p has several error names, or rejects with a `close` event. */
function isClosedConnection(error: unknown): boolean {
  if (error instanceof Event) return error.type === 'close'
  return (
    error instanceof Error &&
    ['ConnectionClosedError', 'MuxerClosedError', 'StreamClosedError'].includes(error.name)
  )
}

/** Returns the error for an address with the peer id of this node. */
export function ownKeyError(address: Address): GossipError {
  return new GossipError('INVALID_ADDRESS', ownKeyWords(address))
}

/** Returns the error for a peer that did not answer while a stream was being opened. */
export function lateError(address: Address): GossipError {
  return new GossipError('UNREACHABLE', lateWords(address))
}

/** Returns the error for an open stream that ended. */
export function streamLost(peer: string, cause: unknown): GossipError {
  const why = !(cause instanceof Error)
    ? 'the peer closed it'
    : isClosedConnection(cause)
      ? 'the connection was closed'
      : cause.message
  return new GossipError('CONNECTION_LOST', `the stream to ${peer} ended: ${why}`, { cause })
}
