/** What a node tells of itself: each event is counted and given to the observer, and lasting trouble is told once. */

import type { DropReason } from '../drop.ts'
import { GossipError } from '../errors.ts'
import type { Address } from '../peer.ts'
import type { GossipEvent } from '../ports/observer.ts'
import type { Digest, Submission } from '../update.ts'
import { Counters, type CountersSnapshot } from './counters.ts'
import { Outages } from './outages.ts'

export class Reports {
  readonly #counters = new Counters()
  readonly #observe: (event: GossipEvent) => void
  readonly #outages = new Outages()

  constructor(observe: (event: GossipEvent) => void) {
    this.#observe = observe
  }

  tell(event: GossipEvent): void {
    this.#counters.count(event)
    try {
      this.#observe(event)
    } catch {
      // The window of the core is not a way in: an observer that throws has already been told all there is.
    }
  }

  submitted({ digest, status }: Submission): void {
    if (status === 'accepted') this.#counters.submitted++
    else this.tell({ kind: 'duplicate', digest, status })
  }

  failed(error: GossipError, peer?: Address): void {
    this.tell(peer === undefined ? { kind: 'failed', error } : { kind: 'failed', error, peer })
  }

  /** Told when that begins, and not for each attempt. */
  unreachable(peer: Address, error: GossipError): void {
    if (this.#outages.failed(peer, error.code)) this.failed(error, peer)
  }

  /** `peer` has left the view without a word, though the network may have taken what was sent to it. */
  unanswered(peer: Address): void {
    const why = `${peer} left several requests in a row unanswered`
    this.unreachable(peer, new GossipError('UNREACHABLE', why))
  }

  /** It is of a later version. */
  unknownMessage(peer: Address): void {
    this.tell({ kind: 'dropped', reason: 'unknown-message', count: 1, peer })
  }

  /** `count` updates were dropped; none are told as nothing. */
  dropped(reason: DropReason, count: number, digests?: readonly Digest[]): void {
    if (count > 0) this.tell({ kind: 'dropped', reason, count, ...(digests && { digests }) })
  }

  /** A message of `peer` came in. */
  heard(peer: Address): void {
    if (this.#outages.heard(peer)) this.tell({ kind: 'recovered', peer })
  }

  /** The network took a message to `peer`. */
  sent(peer: Address): void {
    if (this.#outages.sent(peer)) this.tell({ kind: 'recovered', peer })
  }

  /** A node that leaves loses peers, often because they leave with it. */
  ignoreOutages(): void {
    this.#outages.ignore()
  }

  counts(): CountersSnapshot {
    return this.#counters.snapshot()
  }
}
