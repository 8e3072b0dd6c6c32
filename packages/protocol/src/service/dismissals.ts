/** Tells the transport whom this node does not deal with, so that they learn it and do not talk on in vain. */

import type { DropReason } from '../drop.ts'
import type { Misbehaved } from '../offence.ts'
import type { Address } from '../peer.ts'
import type { Transport } from '../ports/transport.ts'

export class Dismissals {
  readonly #transport: Transport

  constructor(transport: Transport) {
    this.#transport = transport
  }

  /** A message of `from` stays unread. */
  turnedAway(from: Address, reason: DropReason, connection: string | undefined): void {
    if (reason === 'ignored') this.#transport.dismiss?.(from, 'banned', connection)
    if (reason === 'unauthorized') this.#transport.dismiss?.(from, 'unauthorized', connection)
  }

  /** Its strikes may be too many now. */
  misbehaved({ peer, ignoredMs, connection }: Misbehaved): void {
    if (ignoredMs > 0 || connection !== undefined)
      this.#transport.dismiss?.(peer, 'banned', connection)
  }
}
