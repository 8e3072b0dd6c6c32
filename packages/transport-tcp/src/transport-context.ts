/** The state that the modules of one running transport share: its identity, its connections and its receiver. */

import type { Address, DismissalReason, GossipError } from '@rumormill/protocol/plugin'
import { StreamContext, turnedAwayError } from '@rumormill/stream-transport'
import type { Endpoint } from './address.ts'
import { Admission } from './admission.ts'
import type { TcpConfig } from './config.ts'
import type { ConnectionShare } from './connection-share.ts'
import type { Connection } from './connection.ts'
import { Connections } from './connections.ts'
import { nowMs } from './deadlines.ts'
import type { Identity } from './greeting.ts'
import { HostCheck } from './host-check.ts'
import { Names } from './names.ts'
import { Counters, type TcpStats } from './stats.ts'
import { ConnectionTwins } from './twins.ts'

export class TransportContext extends StreamContext implements ConnectionShare {
  readonly config: TcpConfig
  readonly counters: Counters = new Counters()
  readonly connections: Connections = new Connections()
  readonly names: Names = new Names()
  readonly hostCheck: HostCheck
  readonly admission: Admission<Connection>
  readonly twins: ConnectionTwins
  /** Set once the listener has its port. */
  identity: Identity | undefined
  /** The endpoint that the listener is bound to. */
  bound: Endpoint | undefined

  constructor(config: TcpConfig) {
    super(config)
    this.config = config
    this.admission = new Admission(config.limits)
    this.twins = new ConnectionTwins(this)
    this.hostCheck = new HostCheck(config.limits.lookups, this.names)
  }

  /** Delivers messages to the receiver. An error that it throws is reported and affects no other message. */
  deliver(connection: Connection, frames: readonly Uint8Array[]): void {
    const from = connection.address!
    const leading = this.connections.leadingTo(from)
    if (leading !== connection) {
      if (leading !== undefined) this.twins.met(leading, connection)
      if (connection.state === 'open') this.connections.lead(connection)
    }
    for (const frame of frames) {
      if (connection.state !== 'open') return
      this.counters.receivedMessages++
      this.receiver!.receive(from, frame, connection.claim)
    }
  }

  /**
   * Handles a closed connection. An open one counts as a lost peer. The error of another is reported, unless it `wasReported`
   * before or is a plain CONNECTION_LOST.
   */
  connectionClosed(connection: Connection, error: GossipError, wasReported: boolean): void {
    this.connections.remove(connection)
    if (error.code === 'NOT_RUNNING' || connection.endsInPeace) return
    if (connection.opened) this.#lost(connection.address!, error, connection.wasTurnedAway)
    // Needs no rate limit: each peer of another group is reported once.
    else if (!wasReported && error.code === 'PROTOCOL_MISMATCH') this.fail(error)
    else if (!wasReported && error.code !== 'CONNECTION_LOST') this.trouble(error)
  }

  dismiss(peer: Address, reason: DismissalReason, claim?: string): void {
    for (const connection of this.connections.all) {
      if (connection.address !== peer || (claim ?? connection.claim) !== connection.claim) continue
      this.counters.refuse('turned-away')
      connection.dismiss(turnedAwayError(reason), reason)
    }
  }

  /** Checks all deadlines. Returns for how many milliseconds nothing can be due. */
  checkDeadlines(now: number): number {
    this.receiver?.tellBursts(now)
    this.dials.release(now)
    let calmMs = this.dials.hasWaiting ? 0 : Infinity
    for (const connection of this.connections.all) {
      connection.watched = this.isWatched(connection.address ?? '')
      connection.checkDeadlines(now)
      calmMs = Math.min(calmMs, connection.calmMs(now))
    }
    return calmMs
  }

  /** Adds a new connection. */
  begin(connection: Connection): void {
    this.connections.add(connection)
    this.sweep?.soon()
  }

  /** Closes all connections, and resolves once they have ended. */
  async leaveConnections(reason: GossipError): Promise<void> {
    const connections = [...this.connections.all]
    for (const connection of connections) connection.leave(reason)
    await Promise.all(connections.map((connection) => connection.ended))
  }

  stats(): TcpStats {
    const connections = [...this.connections.all]
    const count = (matches: (connection: Connection) => boolean): number =>
      connections.filter(matches).length
    const { refused, ...counters } = this.counters
    return {
      inboundConnections: count(
        (connection) => connection.direction === 'inbound' && connection.state === 'open'
      ),
      outboundConnections: count(
        (connection) => connection.direction === 'outbound' && connection.state === 'open'
      ),
      dialling: count(
        (connection) => connection.direction === 'outbound' && connection.state !== 'open'
      ),
      pending: count(
        (connection) => connection.direction === 'inbound' && connection.state !== 'open'
      ),
      queuedBytes: this.queued.bytes,
      partialBytes: this.partial.bytes,
      ...counters,
      refused: { ...refused }
    }
  }

  #lost(peer: Address, error: GossipError, wasTurnedAway: boolean): void {
    if (this.connections.leadingTo(peer)?.state === 'open') return
    if (!wasTurnedAway) this.backOff.lost(peer, nowMs())
    this.receiver!.lost(peer, error)
  }
}
