/** The port to the network: moves messages of bytes between addresses. */

import type { Address } from '../peer.ts'

/** What the service gives to a transport, to be called for everything that comes in. */
export interface Receiver {
  /**
   * One whole message arrived. `from` MUST be an address that `send` can reach, backed by the transport's own evidence
   * (the connection, a handshake), never by the message; what answers a `send` comes from the very address that was
   * sent to. `bytes` is the receiver's to keep, and never changes again. Runs to completion, does not throw, and MUST
   * NOT be called from inside `send`.
   *
   * Where `from` is only claimed, as by a connection from the right host, `connection` is a name of that connection: then
   * it answers for what is sent, and not everybody else who has the same address. Left out where the address is proved, by a
   * key or by having been dialled.
   */
  receive(from: Address, bytes: Uint8Array, connection?: string): void
  /**
   * A part of a large message of `from` has come: what was asked of it is on its way, so nobody else needs to be asked. A few
   * times a second at most. Of use where large messages travel in parts.
   */
  arriving?(from: Address): void
  /** Something went wrong that no `send` can be told: a peer of another network knocked, the listener failed. */
  fail(error: Error): void
  /**
   * `peer`, to which there was a connection, is gone: it was silent for too long, or the connection broke. Told once for each
   * loss, and not for connections that are closed because nobody needs them. It MUST NOT be called from inside `send`.
   */
  lost(peer: Address, error: Error): void
}

/** Why a peer is dismissed: of too many violations, or the application's `authorize` denies it. */
export type DismissalReason = 'banned' | 'unauthorized'

/**
 * Delivers messages with their boundaries kept. Order and delivery are not promised: gossip repairs loss in a later round.
 *
 * A transport MUST bound everything that a peer can make it hold, MUST NOT let one slow peer delay another, and MUST
 * tell peers of another `protocol` apart before any message is exchanged, with PROTOCOL_MISMATCH: the sender by its
 * rejection, the other by `fail` if the attempt gets as far as that.
 */
export interface Transport {
  /** The longest message that `send` takes, in bytes. */
  readonly maxMessageBytes: number
  /**
   * Whether other hosts can reach this node, known once it has started: then a group should have a name of its own. Left out
   * where there is nothing to reach, or no way to know.
   */
  readonly reachable?: boolean | undefined
  /**
   * Starts to listen. Resolves with the address under which others reach this node, fit for their views (port 0 has
   * become a real one). `protocol` is the label of the group, such as `/rumormill/1/default/binary`. Rejects with
   * ADDRESS_UNAVAILABLE when the address is taken; then nothing is left open.
   */
  start(receiver: Receiver, options: { protocol: string }): Promise<Address>
  /**
   * Settles when the network has taken the message; rejects with a `GossipError` when it surely has not, and with
   * the signal's reason once that aborts. The service sends at least one byte, and never to this node's own address.
   * `bytes` may be kept, but not changed: they may be on their way to others, too. May be called any number of times at
   * once.
   */
  send(to: Address, bytes: Uint8Array, options: { signal: AbortSignal }): Promise<void>
  /**
   * The peers whose silence matters, in place of those named before: a transport with connections SHOULD notice within
   * seconds when one of them stands still or cannot be reached any more, and tell it by `lost`. Of others it is enough to
   * notice when something is sent to them. Does not throw, and dials nobody.
   */
  watch(peers: readonly Address[]): void
  /**
   * `peer` is not dealt with: closes the connections to it, or where `connection` names one, only that one, and says why.
   * SHOULD be there where there are connections, or who is turned away talks on in vain. Does not throw; MAY be called from
   * inside `receive`.
   */
  dismiss?(peer: Address, reason: DismissalReason, connection?: string): void
  /**
   * Closes everything; pending sends reject with NOT_RUNNING. What was taken SHOULD still arrive, where a bounded wait of a
   * second at most helps it: it may be the last that is heard of an update. Idempotent, and allowed at any time: during
   * `start` and before it, too. A stopped transport cannot be started again (ALREADY_STARTED).
   */
  stop(): Promise<void>
}
