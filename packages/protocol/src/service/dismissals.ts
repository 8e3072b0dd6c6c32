/** Tells the transport whom this node does not deal with, so that they learn it and do not talk on in vain. */

import type { DropReason } from '../drop.ts'
import type { Address } from '../peer.ts'
import type { Transport } from '../ports/transport.ts'
import type { ViolationEvent } from '../violation.ts'

export class Dismissals {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** A message of `from` stays unread. */
  turnedAway(from: Address, reason: DropReason, connection: string | undefined): void {
    if (reason === 'peer-banned') this.#transport.dismiss?.(from, 'banned', connection)
    if (reason === 'peer-unauthorized') this.#transport.dismiss?.(from, 'unauthorized', connection)
  }

  /** Its violations may be too many now. */
  violation({ peer, bannedMs, connection }: ViolationEvent): void {
    if (bannedMs > 0 || connection !== undefined)
      this.#transport.dismiss?.(peer, 'banned', connection)
  }
}
