/** Counts events and passes them to the observer. A lasting outage is reported once. */

import type { Drop } from '../model/drop.ts'
import { GossipError } from '../model/errors.ts'
import type { Address } from '../model/peer.ts'
import { digestOfKey, type Submission } from '../model/update.ts'
import type { GossipEvent } from '../ports/observer.ts'
import { Counters, type CountersSnapshot } from './counters.ts'
import { Outages } from './outages.ts'

export class Reports {
  readonly #counters = new Counters()
  readonly #observe: (event: GossipEvent) => void
  readonly #outages = new Outages()

  constructor(observe: (event: GossipEvent) => void) {
    this.#observe = observe
  }

  report(event: GossipEvent): void {
    this.#counters.count(event)
    try {
      this.#observe(event)
    } catch {
      // An observer must not affect the node, so its errors are ignored.
    }
  }

  submitted({ digest, status }: Submission): void {
    if (status === 'accepted') this.#counters.submitted++
    else this.report({ kind: 'duplicate', digest, status })
  }

  failed(error: GossipError, peer?: Address): void {
    this.report(peer === undefined ? { kind: 'failed', error } : { kind: 'failed', error, peer })
  }

  /** Reports a failure to reach `peer`: once for each outage and error code, not for each attempt. */
  unreachable(peer: Address, error: GossipError): void {
    if (this.#outages.failed(peer, error.code)) this.failed(error, peer)
  }

  /** Reports that `peer` was dropped because it did not answer, though the network may have taken the requests. */
  unanswered(peer: Address): void {
    const why = `${peer} left several requests in a row unanswered`
    this.unreachable(peer, new GossipError('UNREACHABLE', why))
  }

  /** Reports a message of a version or kind that this node does not know. */
  unknownMessage(peer: Address): void {
    this.report({ kind: 'dropped', reason: 'unknown-message', count: 1, peer })
  }

  /** Reports `count` dropped items, if any. */
  dropped({ reason, count, peer, keys }: Omit<Drop, 'kind'>): void {
    if (count === 0) return
    const digests = keys?.map(digestOfKey)
    this.report({
      kind: 'dropped',
      reason,
      count,
      ...(peer && { peer }),
      ...(digests && { digests })
    })
  }

  /** Reports the end of an outage, if a message of `peer` ends it. */
  received(peer: Address): void {
    if (this.#outages.received(peer)) this.report({ kind: 'recovered', peer })
  }

  /** Reports the end of an outage, if a message to `peer` that the network took ends it. */
  sent(peer: Address): void {
    if (this.#outages.sent(peer)) this.report({ kind: 'recovered', peer })
  }

  /** Stops reporting outages: a node that stops loses peers, often because they stop at the same time. */
  ignoreOutages(): void {
    this.#outages.ignore()
  }

  counts(): CountersSnapshot {
    return this.#counters.snapshot()
  }
}
