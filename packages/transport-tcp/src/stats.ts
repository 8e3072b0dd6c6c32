/** The statistics of the transport: what it holds now, what it transferred, and what it refused. */

/** The reasons why a message or a connection was refused or ended: one for each limit and each deadline. */
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
  /** Peers that break the protocol, or belong elsewhere. */
  | 'no-hello'
  | 'other-protocol'
  | 'address-refused'
  | 'identity-in-use'
  | 'malformed'
  | 'turned-away'
  | 'too-large'

/** A snapshot of the transport. The first six are current amounts; everything else counts from the start. */
export interface TcpStats {
  /** Open connections that peers opened. */
  readonly inboundConnections: number
  /** Open connections that this node opened. */
  readonly outboundConnections: number
  /** Connections that this node is opening. */
  readonly dialling: number
  /** Accepted connections without a hello yet. */
  readonly pending: number
  /** Bytes in the send queues. */
  readonly queuedBytes: number
  /** Bytes of half-received messages. */
  readonly partialBytes: number
  /** Accepted connections, whatever became of their hello. */
  readonly accepted: number
  /** Connection attempts of this node. */
  readonly dialled: number
  /** Messages passed to the network. */
  readonly sentMessages: number
  /** Bytes passed to the network, frame headers included. */
  readonly sentBytes: number
  /** Messages delivered to the receiver. */
  readonly receivedMessages: number
  /** All bytes read. */
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
