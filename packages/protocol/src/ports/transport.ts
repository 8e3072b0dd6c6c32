/** The port to the network: moves messages, as bytes, between addresses. */

import type { Address } from '../model/peer.ts'

/** What the service passes to a transport. The transport calls it for everything that comes in. */
export interface Receiver {
  /**
   * One whole message arrived. `from` MUST be an address that `send` can reach. It MUST rest on the transport's own evidence
   * (the connection, a handshake), never on the message; an answer comes from the very address that was sent to. `bytes`
   * belongs to the receiver and never changes again. Runs to completion, does not throw, and MUST NOT be called from inside
   * `send`.
   *
   * `connection` names the connection where `from` is only claimed, as by a connection from the right host: violations then
   * count against that connection instead of every peer with the address. It is left out where the address is proved, by a
   * key or because it was dialled.
   */
  receive(from: Address, bytes: Uint8Array, connection?: string): void
  /**
   * A part of a large message of `from` has come, so what was requested from it is on its way. Called a few times a second at
   * most. Optional: of use where large messages travel in parts.
   */
  arriving?(from: Address): void
  /** Something failed that concerns no `send`: a peer of another network connected, the listener failed. */
  fail(error: Error): void
  /**
   * The connection to `peer` is gone: the peer was silent for too long, or the connection broke. Called once for each loss,
   * and not for connections that are closed because they are not needed. MUST NOT be called from inside `send`.
   */
  lost(peer: Address, error: Error): void
}

/** Why a peer is dismissed: it is banned for violations, or the application's `authorize` denies it. */
export type DismissalReason = 'banned' | 'unauthorized'

/**
 * Delivers messages with their boundaries kept. Order and delivery are not promised: gossip repairs loss in a later round.
 *
 * A transport MUST limit everything that a peer can make it hold, and MUST NOT let one slow peer delay another. It MUST refuse
 * peers of another `protocol` before any message is exchanged, with PROTOCOL_MISMATCH: the sender learns it by its rejection,
 * the receiver by `fail` if the attempt gets that far.
 */
export interface Transport {
  /** The longest message that `send` takes, in bytes. */
  readonly maxMessageBytes: number
  /**
   * Whether other hosts can reach this node, known once it has started. If they can, the group should have a name of its own.
   * Left out where it does not apply or is unknown.
   */
  readonly reachable?: boolean | undefined
  /**
   * Starts to listen. Resolves with the address under which others reach this node, fit for their views (port 0 has
   * become a real one). `protocol` is the label of the group, such as `/rumormill/1/default/binary`. Rejects with
   * ADDRESS_UNAVAILABLE if the address is taken; then nothing is left open.
   */
  start(receiver: Receiver, options: { protocol: string }): Promise<Address>
  /**
   * Settles when the network has taken the message. Rejects with a `GossipError` if it certainly has not, and with the
   * signal's reason when that aborts. The service sends at least one byte, and never to this node's own address. `bytes` may
   * be kept but MUST NOT be changed: they may be on their way to other peers. May be called any number of times at once.
   */
  send(to: Address, bytes: Uint8Array, options: { signal: AbortSignal }): Promise<void>
  /**
   * Sets the peers to watch for failures, replacing those named before. A transport with connections SHOULD notice within
   * seconds when one of them stops or cannot be reached, and call `lost`. For other peers it is enough to notice when
   * something is sent to them. Does not throw, and opens no connections.
   */
  watch(peers: readonly Address[]): void
  /**
   * Closes the connections to `peer`, or only the one that `connection` names, and tells the peer why. A transport with
   * connections SHOULD have it, or the peer continues to send. Does not throw; MAY be called from inside `receive`.
   */
  dismiss?(peer: Address, reason: DismissalReason, connection?: string): void
  /**
   * Closes everything; pending sends reject with NOT_RUNNING. Messages that were taken SHOULD still arrive: `stop` may wait up
   * to one second to flush them, as they may be the only copies. Idempotent, and allowed at any time, also before and during
   * `start`. A stopped transport cannot be started again (ALREADY_STARTED).
   */
  stop(): Promise<void>
}
