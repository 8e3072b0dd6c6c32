/** What the transport tells about itself: how much it holds now, what it has moved, and what it refused. */

/** Why a message or a connection was refused or ended. One name for each limit and each deadline. */
export type Refusal =
  /** Limits. */
  | 'inbound-connections-full'
  | 'outbound-connections-full'
  | 'pending-full'
  | 'host-full'
  | 'network-full'
  | 'queue-full'
  | 'queued-full'
  | 'partial-full'
  | 'lookups-full'
  | 'backing-off'
  | 'unproved-host'
  | 'evicted'
  /** Deadlines. */
  | 'connect-late'
  | 'hello-late'
  | 'frame-late'
  | 'write-late'
  | 'silent'
  | 'idle'
  /** Peers that are not what they should be. */
  | 'no-hello'
  | 'other-protocol'
  | 'address-refused'
  | 'identity-in-use'
  | 'malformed'
  | 'turned-away'
  | 'too-large'

/** A snapshot. Amounts are of now; everything else counts from the start. */
export interface TcpStats {
  /** Open connections that peers made. */
  readonly inboundConnections: number
  /** Open connections that this node made. */
  readonly outboundConnections: number
  /** Connections that this node is making. */
  readonly dialling: number
  /** Accepted connections that have not yet said hello. */
  readonly pending: number
  /** Bytes not yet taken by the network. */
  readonly queuedBytes: number
  /** Bytes held for half-received frames. */
  readonly partialBytes: number
  /** Connections taken in, whether or not their hello was believed. */
  readonly accepted: number
  /** Connections tried. */
  readonly dialled: number
  /** Messages given to the network. */
  readonly sentMessages: number
  /** Their bytes, frame headers included. */
  readonly sentBytes: number
  /** Messages handed to the receiver. */
  readonly receivedMessages: number
  /** Bytes read, whatever they were. */
  readonly receivedBytes: number
  readonly refused: Readonly<Record<Refusal, number>>
}

const REFUSALS: readonly Refusal[] = [
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
  'connect-late',
  'hello-late',
  'frame-late',
  'write-late',
  'silent',
  'idle',
  'no-hello',
  'other-protocol',
  'address-refused',
  'identity-in-use',
  'malformed',
  'turned-away',
  'too-large'
]

/** The counting part of {@link TcpStats}. */
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
