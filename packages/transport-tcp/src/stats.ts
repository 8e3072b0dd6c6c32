/** The statistics of the transport: what it holds now, what it transferred, and what it refused. */

import type { StreamStats } from '@rumormill/stream-transport'

/** The reasons why a message or a connection was refused or ended: one for each limit and each deadline. */
const REFUSALS = [
  // Limits.
  'inbound-connections-full',
  'outbound-connections-full',
  'pending-full',
  'host-full',
  'network-full',
  'queue-full',
  'queued-full',
  'partial-full',
  'lookups-full',
  'backing-off',
  'unproved-host',
  'evicted',
  // Deadlines.
  'connect-late',
  'hello-late',
  'frame-late',
  'write-late',
  'silent',
  'idle',
  // Peers that break the protocol, or belong elsewhere.
  'no-hello',
  'other-protocol',
  'address-refused',
  'identity-in-use',
  'malformed',
  'turned-away',
  'too-large'
] as const

export type Refusal = (typeof REFUSALS)[number]

/** A snapshot of the transport. Connections and bytes that are held are current amounts; everything else counts from the start. */
export interface TcpStats extends StreamStats {
  /** Open connections that peers opened. */
  readonly inboundConnections: number
  /** Open connections that this node opened. */
  readonly outboundConnections: number
  /** Connections that this node is opening. */
  readonly dialling: number
  /** Accepted connections without a hello yet. */
  readonly pending: number
  /** Accepted connections, whatever became of their hello. */
  readonly accepted: number
  /** Connection attempts of this node. */
  readonly dialled: number
  readonly refused: Readonly<Record<Refusal, number>>
}

/** The counters of {@link TcpStats}. */
export class Counters {
  accepted = 0
  dialled = 0
  sentMessages = 0
  sentBytes = 0
  receivedMessages = 0
  receivedBytes = 0
  readonly refused: Record<Refusal, number> = Object.fromEntries(
    REFUSALS.map((refusal) => [refusal, 0])
  ) as Record<Refusal, number>

  refuse(refusal: Refusal): void {
    this.refused[refusal]++
  }
}
