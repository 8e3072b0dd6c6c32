/** What others know of a connection: who is at its other end, in which state it is, and since when. */

import type { Address } from '@rumormill/protocol'
import { nowMs, type ConnectionState } from './deadlines.ts'

export class ConnectionFacts {
  readonly direction: 'inbound' | 'outbound'
  state: ConnectionState
  sinceMs: number = nowMs()
  writeBegunMs = 0
  lastUsedMs = 0
  /** The peer, as `from` and `to`: the address that was dialled, or the verified one of an inbound hello. */
  address: Address | undefined
  /** Whether it was ever open, and whether the peer has said anything since. */
  opened = false
  hasSpoken = false
  /** Whether the peer does not deal with this node. */
  wasTurnedAway = false
  connectMs: number = Infinity
  /** Of an inbound one: its name, because its address is only claimed, and where it comes from. */
  claim: string | undefined
  remoteIp = ''
  /** When the peer started, as its hello says; 0 when it does not. */
  incarnation = 0
  /** Whether one side closes it because nobody needs it at the moment: the peer is not lost. */
  endsInPeace = false
  /** Whether silence is to be noticed though nothing is sent. */
  watched = false

  /** `address` is given for a connection that this node dials, and only then. */
  constructor(address: Address | undefined) {
    this.direction = address === undefined ? 'inbound' : 'outbound'
    this.state = address === undefined ? 'greeting' : 'connecting'
    this.address = address
  }
}
