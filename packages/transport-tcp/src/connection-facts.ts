/** The state of a connection that other modules use: its peer, its phase, and since when. */

import type { Address } from '@rumormill/protocol/plugin'
import { nowMs, type ConnectionState } from './deadlines.ts'

export class ConnectionFacts {
  readonly direction: 'inbound' | 'outbound'
  state: ConnectionState
  sinceMs: number = nowMs()
  writeBegunMs = 0
  lastUsedMs = 0
  /** The address of the peer: the one that was dialled, or the verified one of an inbound hello. */
  address: Address | undefined
  /** Whether it was ever open, and whether the peer has sent a message or a pong since. */
  opened = false
  hasSpoken = false
  /** Whether the peer refused this node. */
  wasTurnedAway = false
  connectMs: number = Infinity
  /** The name of an inbound connection, because the address of its peer is only claimed; and the IP address of the peer. */
  claim: string | undefined
  remoteIp = ''
  /** When the peer started, by its hello; 0 when unknown. */
  incarnation = 0
  /** Whether one side closes it only because it is unused: the peer does not count as lost. */
  endsInPeace = false
  /** Whether the peer is pinged when it is silent even if nothing was sent to it. */
  watched = false

  /** `address` must be given for a connection that this node dials, and only then. */
  constructor(address: Address | undefined) {
    this.direction = address === undefined ? 'inbound' : 'outbound'
    this.state = address === undefined ? 'greeting' : 'connecting'
    this.address = address
  }
}
