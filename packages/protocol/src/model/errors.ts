/** The only error class of rumormill. Programs can rely on its `code`; the message is for people and may change. */

/** Each code, and whether the call that failed changed anything. */
export type GossipErrorCode =
  /** Options or arguments out of range; the message lists every reason. Nothing was changed. */
  | 'INVALID_CONFIG'
  /** An update that is not bytes, or is empty. Nothing was changed. */
  | 'INVALID_UPDATE'
  /** An update above the largest content; the message names the limit. Nothing was changed. */
  | 'UPDATE_TOO_LARGE'
  /** The store is full. The update was not accepted; try again in `retryAfterMs`. */
  | 'STORE_FULL'
  /** The service was not started, or was stopped. Nothing was changed. */
  | 'NOT_RUNNING'
  /** `start` was called twice, or after `stop`: a service and its transport start once. Nothing was changed. */
  | 'ALREADY_STARTED'
  /** Bytes that are not a message of this codec. The message was dropped. */
  | 'MALFORMED_MESSAGE'
  /** A message of a version or kind that this codec does not support, as from a newer peer. It was ignored. */
  | 'UNKNOWN_MESSAGE'
  /** A message above the transport's limit. It was not sent, or the connection that carried it was closed. */
  | 'MESSAGE_TOO_LARGE'
  /** Not an address of this transport, or an address that may not be used here. Nothing was sent. */
  | 'INVALID_ADDRESS'
  /** The address to listen on is in use, or is not an address of this machine. The transport did not start. */
  | 'ADDRESS_UNAVAILABLE'
  /** No node answers at the address, or this node is in back-off after a failure. The message was not sent. */
  | 'UNREACHABLE'
  /** The peer is of another network, or uses another codec. Nothing was exchanged. */
  | 'PROTOCOL_MISMATCH'
  /** The connection ended before the message was taken. It may or may not have arrived. */
  | 'CONNECTION_LOST'
  /** A limit on connections or queued bytes was reached. The message, or the connection, was refused. */
  | 'OVERLOADED'
  /** A peer broke a deadline. Its connection was closed. */
  | 'TIMED_OUT'
  /** The peer source threw, did not answer in time, or returned something that is not a list. The view is unchanged. */
  | 'PEER_SOURCE_FAILED'
  /** The peer source named something that is not the address of another node. That entry was ignored. */
  | 'INVALID_PEER'
  /** The handler threw, rejected, or did not settle in time. The update counts as delivered. */
  | 'HANDLER_FAILED'
  /** The validator threw, rejected, or gave no valid verdict in time. The update was not accepted. */
  | 'VALIDATE_FAILED'
  /** The authorizer threw. The peer counts as unauthorized. */
  | 'AUTHORIZE_FAILED'
  /**
   * Storage could not be opened, read or written. From `start`: the node did not start. From a durable `submit`: the update
   * spreads, but is not known to be on disk. Waiting changes are written once storage takes them.
   */
  | 'STORAGE_FAILED'
  /**
   * Records of storage are damaged or lost and were skipped: the updates are fetched again if a peer still has them. From a
   * durable `submit`, when damage is found while storage is open: as STORAGE_FAILED.
   */
  | 'STORAGE_DAMAGED'
  /** The transport failed, and no other code fits. */
  | 'TRANSPORT_FAILED'

/** The error that rumormill throws, rejects with, and reports to `observe`. Compare `code`, not the message or the class. */
export class GossipError extends Error {
  override readonly name = 'GossipError'
  readonly code: GossipErrorCode
  /** STORE_FULL: milliseconds until an update may fit again; absent if no update will expire by itself. */
  readonly retryAfterMs?: number

  constructor(
    code: GossipErrorCode,
    message: string,
    options: { cause?: unknown; retryAfterMs?: number } = {}
  ) {
    const { retryAfterMs, ...rest } = options
    super(`${code}: ${message}`, rest)
    this.code = code
    if (retryAfterMs !== undefined) this.retryAfterMs = retryAfterMs
  }
}

/**
 * Returns `error` if it is a GossipError, or else a GossipError with `code` that wraps it. Checks the shape and not the class,
 * so that it works with two copies of this package.
 */
export function toGossipError(error: unknown, code: GossipErrorCode, message: string): GossipError {
  if (error instanceof Error && error.name === 'GossipError' && 'code' in error)
    return error as GossipError
  const detail = error instanceof Error ? error.message : String(error)
  return new GossipError(code, `${message}: ${detail}`, { cause: error })
}
