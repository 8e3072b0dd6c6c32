/** Tells the transport which peers this node rejects, so that it can notify them and they stop sending. */

import type { DropReason } from '../model/drop.ts'
import type { Address } from '../model/peer.ts'
import type { ViolationEvent } from '../model/violation.ts'
import type { Transport } from '../ports/transport.ts'

export class Dismissals {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** Dismisses a peer whose message was dropped for `reason`, if the peer is the reason. */
  turnedAway(from: Address, reason: DropReason, connection: string | undefined): void {
    if (reason === 'peer-banned') this.#transport.dismiss?.(from, 'banned', connection)
    if (reason === 'peer-unauthorized') this.#transport.dismiss?.(from, 'unauthorized', connection)
  }

  /** Dismisses a peer that a violation has banned. */
  violation({ peer, bannedMs, connection }: ViolationEvent): void {
    if (bannedMs > 0 || connection !== undefined)
      this.#transport.dismiss?.(peer, 'banned', connection)
  }
}
